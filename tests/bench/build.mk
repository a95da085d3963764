# The benchmarks' own programs, in $(OUT). Called by scripts/bench after `make all`.
CC    ?= gcc
BUILD ?= build/release
OUT   ?= $(BUILD)/bench
PKGS  := rdkafka libpq libevent inih libcrypto libcjson libcurl libutf8proc
FLAGS := -std=c11 -O2 -g -Wall -Wextra -Wshadow -Wconversion -Werror -I. -D_GNU_SOURCE \
         $(shell pkg-config --cflags-only-I $(PKGS))
READER := $(addprefix $(BUILD)/,workers_reading.a common_log.a common_base.a)
TOOLS := $(addprefix $(OUT)/,floor_gateway floor_pg floor_produce open_loop bench_reader)

all: $(TOOLS)

$(OUT)/bench_reader: tests/bench/bench_reader.c $(READER)
	@mkdir -p $(OUT)
	$(CC) $(FLAGS) -o $@ $< -Wl,--start-group $(READER) -Wl,--end-group $(shell pkg-config --libs $(PKGS))
$(OUT)/%: tests/bench/%.c $(BUILD)/common_base.a
	@mkdir -p $(OUT)
	$(CC) $(FLAGS) -o $@ $< $(BUILD)/common_base.a $(shell pkg-config --libs $(PKGS))
