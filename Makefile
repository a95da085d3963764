# munim: build, test, try.   `make help` lists the commands.
CC       ?= gcc
BUILD    ?= build/release
VERSION  := 0.1.0
PKGS     := rdkafka libpq libcjson libcurl libevent inih libcrypto libutf8proc
# What uthash and its sisters do without memory: as all of us, and not exit(-1).
NO_MEM   := '-Duthash_fatal(msg)=abort()' '-Dutstring_oom()=abort()' '-Dutarray_oom()=abort()'
WARN     := -Wall -Wextra -Wshadow -Wconversion -Werror
CPPFLAGS += -I. -D_GNU_SOURCE $(NO_MEM) -DMUNIM_VERSION='"$(VERSION)"' -isystem /usr/share/include/llhttp $(shell pkg-config --cflags-only-I $(PKGS) 2>/dev/null)
CFLAGS   ?= -O2 -g
CFLAGS   += -std=c11 $(WARN) -fno-common -fstack-protector-strong -D_FORTIFY_SOURCE=2
LDLIBS   := $(shell pkg-config --libs $(PKGS) 2>/dev/null)
# See common/kafka/kafka_waits.c.
CPPFLAGS += $(if $(shell nm -D "$$($(CC) -print-file-name=librdkafka.so)" 2>/dev/null | grep cnd_timedwait),-DRDKAFKA_WAITS_BY_C11)
ifeq ($(SAN),1)
BUILD    := build/san
CFLAGS   := -std=c11 $(WARN) -fno-common -O1 -g -fno-omit-frame-pointer -fsanitize=address,undefined -fno-sanitize-recover=all -DMUNIM_FAILPOINTS
LDFLAGS  += -fsanitize=address,undefined
endif
ifeq ($(FAIL),1)
BUILD    := build/fail
CFLAGS   += -DMUNIM_FAILPOINTS
endif
ifeq ($(FUZZ),1)
BUILD    := build/fuzz
CC       := clang
CFLAGS   := -std=c11 -Wall -Wextra -Werror -fno-common -O1 -g -fno-omit-frame-pointer -fsanitize=fuzzer-no-link,address,undefined -fno-sanitize-recover=all
LDFLAGS  += -fsanitize=address,undefined
endif
ifeq ($(AFL),1)
BUILD    := build/afl
CC       := afl-clang-fast
CFLAGS   := -std=c11 -Wall -Wextra -Werror -fno-common -O1 -g -fno-omit-frame-pointer -fsanitize=address,undefined -fno-sanitize-recover=all
LDFLAGS  += -fsanitize=address,undefined
endif
LDFLAGS  += -Wl,-z,relro,-z,now

# One archive per folder, without its main.c; a program links only what it refers to. Order: user before used.
PARTS    := ingress workers/turn workers/sender workers/approvals workers/lag workers/pool workers/cli \
            workers/flows workers/reading/model workers/masking workers/reading workers/desk workers/books tests/platform \
            common/claim common/service common/kafka common/pg common/http_out common/metrics common/config common/loop common/log common/base
ar        = $(BUILD)/$(subst /,_,$(1)).a
srcs      = $(filter-out $(1)/main.c,$(wildcard $(1)/*.c))
objs      = $(patsubst %.c,$(BUILD)/%.o,$(1))
LLHTTP   := $(addprefix $(BUILD)/llhttp/,api.o http.o llhttp.o)
ARCHIVES := $(foreach p,$(PARTS),$(if $(call srcs,$(p)),$(call ar,$(p)))) $(BUILD)/llhttp.a

# program = folder of its main.c
PROGRAMS := munim-ingress=ingress munim-worker=workers/turn munim-sender=workers/sender munim-lag=workers/lag \
            munim-pool=workers/pool munim=workers/cli munim-sim=tests/platform
BINS     := $(foreach p,$(PROGRAMS),$(if $(wildcard $(lastword $(subst =, ,$(p)))/main.c),$(BUILD)/bin/$(firstword $(subst =, ,$(p)))))
UNITS    := $(patsubst tests/unit/%.c,$(BUILD)/unit/%,$(wildcard tests/unit/test_*.c))

.PHONY: all help setup demo run test unit scenario bench chaos crash-points no-memory lint tidy valgrind man format clean
all: $(BINS)

help:
	@echo "make demo      set up everything, play one order from message to invoice, stop"
	@echo "make run       the same set-up, then stays up until Ctrl-C"
	@echo "make test      set-up, unit tests (ASan, UBSan), scenarios against real Kafka and Postgres"
	@echo "make bench     ratios against floors and peers, in one run"
	@echo "make chaos     SEED=n TIME=s, or SEEDS=a..b: seeded load and faults, then every invariant, summed up for several"
	@echo "               seeds; JSON=1; BIN=build/san/bin another build"
	@echo "make crash-points   HITS=n FAULTS=n SEED=n JOBS=n ONLY=point JSON=1: kill -9 at every row of the crash table"
	@echo "make no-memory N=n STEP=n ONLY=worker ANYBODY=1 JSON=1: the n-th allocation fails, at start and under a message"
	@echo "make man       the manual pages in build/man; man build/man/munim-approve.1 shows one"
	@echo "make fuzz      the fuzz targets in build/fuzz; scripts/fuzz [SECONDS] [TARGET...] runs them;"
	@echo "               scripts/fuzz-ingress [SECONDS] the whole ingress with AFL++"
	@echo "make all unit valgrind scenario lint tidy format clean"

# The folder itself is among them: a file that was added with an older date, or taken away, changes it.
define archive
$(call ar,$(1)): $(call objs,$(call srcs,$(1))) $(1)/.
	@rm -f $$@ && $(AR) rcs $$@ $$(filter %.o,$$^)
endef
$(foreach p,$(PARTS),$(if $(call srcs,$(p)),$(eval $(call archive,$(p)))))

define program
$(BUILD)/bin/$(1): $(BUILD)/$(2)/main.o $(ARCHIVES)
	@mkdir -p $$(@D)
	$(CC) $(LDFLAGS) -o $$@ $$< -Wl,--start-group $(ARCHIVES) -Wl,--end-group $(LDLIBS)
endef
$(foreach p,$(PROGRAMS),$(eval $(call program,$(firstword $(subst =, ,$(p))),$(lastword $(subst =, ,$(p))))))

$(BUILD)/%.o: %.c
	@mkdir -p $(@D)
	$(CC) $(CPPFLAGS) $(CFLAGS) -MMD -MP -c -o $@ $<
$(BUILD)/llhttp/%.o: /usr/share/llhttp/%.c
	@mkdir -p $(@D)
	$(CC) $(CPPFLAGS) $(filter-out $(WARN),$(CFLAGS)) -DLLHTTP_STRICT_MODE=1 -c -o $@ $<
$(BUILD)/llhttp.a: $(LLHTTP)
	@rm -f $@ && $(AR) rcs $@ $^
$(BUILD)/unit/%: tests/unit/%.c $(ARCHIVES)
	@mkdir -p $(@D)
	$(CC) $(CPPFLAGS) $(CFLAGS) -MMD -MP $(LDFLAGS) -o $@ $< -Wl,--start-group $(ARCHIVES) -Wl,--end-group $(LDLIBS) -lcmocka
# Calls that a test makes fail, one at a time (tests/unit/nth.h).
wrapped   = $(addprefix -Wl$(comma)--wrap=,$(1))
comma    := ,
$(BUILD)/unit/test_nth_pg: LDFLAGS += $(call wrapped,PQsendPrepare PQsendQueryPrepared PQsendQueryParams PQpipelineSync PQflush PQconsumeInput PQgetResult PQenterPipelineMode PQconnectPoll)
$(BUILD)/unit/test_nth_producer: LDFLAGS += $(call wrapped,rd_kafka_new rd_kafka_topic_new rd_kafka_last_error rd_kafka_produceva rd_kafka_poll)
$(BUILD)/unit/test_nth_http_out: LDFLAGS += $(call wrapped,curl_easy_setopt curl_multi_setopt curl_multi_add_handle curl_multi_socket_action curl_multi_assign curl_slist_append)

# What stands before the system's libraries in a process of the laboratories (tests/chaos/preload.py).
build/lab/%.so: tests/chaos/%.c
	@mkdir -p $(@D)
	$(CC) -D_GNU_SOURCE -O2 -g -std=c11 $(WARN) -shared -fPIC -o $@ $<

setup:
	@scripts/bootstrap
unit: $(UNITS)
	@scripts/unit $(UNITS)
# The build without sanitizers; minutes.
valgrind: $(UNITS)
	@UNIT_LIMIT=1800 UNIT_UNDER="valgrind -q --error-exitcode=99 --leak-check=full --errors-for-leak-kinds=definite \
	    --suppressions=tests/unit/valgrind.supp" scripts/unit $(UNITS)
demo:
	@scripts/demo
run:
	@scripts/run
test:
	@scripts/test
scenario: all
	@scripts/scenario
bench: all
	@scripts/bench
chaos: all
	@SEED=$(SEED) SEEDS=$(SEEDS) TIME=$(TIME) RUNS=$(RUNS) BIN=$(BIN) scripts/chaos
no-memory:
	@scripts/no-memory
# HITS, FAULTS, SEED, JOBS, ONLY, N, STEP, ANYBODY and JSON come by the environment, where make puts what stands on its command line.
crash-points:
	@scripts/crash-points
format:
	@git ls-files '*.c' '*.h' | xargs clang-format -i
lint:
	@scripts/lint
# Takes minutes; see .clang-tidy. A process for each file: clang-tidy 14 keeps what it thinks of a va_list from file to file.
tidy:
	@git ls-files '*.c' | xargs -P "$$(nproc)" -n 1 sh -c \
		'said=$$(clang-tidy --quiet "$$1" -- -std=c11 $$TIDY_FLAGS 2>&1) || { printf "%s\n" "$$said"; exit 1; }' sh
tidy: export TIDY_FLAGS = $(subst ',,$(CPPFLAGS))
man: $(patsubst man/%.scd,build/man/%,$(wildcard man/*.scd))
build/man/%: man/%.scd
	@mkdir -p $(@D)
	scdoc <$< >$@.new && mv $@.new $@
clean:
	rm -rf build

include tests/fuzz/fuzz.mk
-include $(shell find $(BUILD) -name '*.d' 2>/dev/null)
