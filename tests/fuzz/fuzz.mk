# libFuzzer targets: `make fuzz` builds build/fuzz/fuzz_<name>, one for each tests/fuzz/fuzz_<name>.c. Included by the
# Makefile, which knows FUZZ=1 as a build of its own with clang.
FUZZERS := $(patsubst tests/fuzz/%.c,$(BUILD)/%,$(wildcard tests/fuzz/fuzz_*.c))

.PHONY: fuzz fuzzers
fuzz:
	@$(MAKE) --no-print-directory FUZZ=1 fuzzers
fuzzers: $(FUZZERS)

ifeq ($(AFL),1)
$(BUILD)/afl_%: tests/fuzz/afl_%.c $(ARCHIVES)
	@mkdir -p $(@D)
	$(CC) $(CPPFLAGS) $(CFLAGS) -MMD -MP $(LDFLAGS) -o $@ $< -Wl,--start-group $(ARCHIVES) -Wl,--end-group $(LDLIBS)
endif

ifeq ($(FUZZ),1)
$(BUILD)/fuzz_%: tests/fuzz/fuzz_%.c $(ARCHIVES)
	@mkdir -p $(@D)
	$(CC) $(CPPFLAGS) $(CFLAGS) -MMD -MP -fsanitize=fuzzer $(LDFLAGS) -o $@ $< -Wl,--start-group $(ARCHIVES) -Wl,--end-group $(LDLIBS)
endif
