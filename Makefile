# `make help` lists the targets. PORT= and RUN= let several systems stand side by side.

PORT ?= 8080
RUN ?= build/run
SANITIZER ?=
CC = gcc
DESTDIR ?=
PREFIX ?= /usr
VERSION := $(shell sed -n 's/^## \([0-9][^ ]*\).*/\1/p;T;q' CHANGELOG.md 2>/dev/null)

BUILD := build$(if $(SANITIZER),/$(SANITIZER))
GENERATED := $(BUILD)/generated
PROGRAM := $(BUILD)/quire

LIBRARIES := libpq hiredis json-c libsodium libsystemd libutf8proc libcmark-gfm icu-i18n icu-uc
WARNINGS := -Wall -Wextra -Werror -Wshadow -Wstrict-prototypes -Wmissing-prototypes -Wvla -Wpointer-arith -Wwrite-strings
CFLAGS := -std=c17 -O2 -g -fno-omit-frame-pointer -fstack-protector-strong -D_GNU_SOURCE $(WARNINGS)
CPPFLAGS = -Iapp -Ihandlers -I$(GENERATED) -DQUIRE_VERSION='"$(VERSION)"' $(shell pkg-config --cflags $(LIBRARIES))
LDFLAGS := -Wl,-z,relro,-z,now
LDLIBS = $(shell pkg-config --libs $(LIBRARIES)) -lcmark-gfm-extensions -lfcgi -lpthread -lm
ifeq ($(SANITIZER),)
CPPFLAGS += -D_FORTIFY_SOURCE=2
else
CFLAGS += -fsanitize=$(SANITIZER),undefined -fno-sanitize-recover=undefined
LDFLAGS += -fsanitize=$(SANITIZER),undefined
endif

APP := $(patsubst %.c,$(BUILD)/obj/%.o,$(wildcard app/*.c))
HANDLERS := $(patsubst %.c,$(BUILD)/obj/%.o,$(filter-out handlers/main.c,$(wildcard handlers/*.c)))
EMBEDDED := $(patsubst %,$(BUILD)/obj/generated/%.o,queries migrations views assets)
MAIN := $(BUILD)/obj/handlers/main.o
UNIT_TESTS := $(patsubst %.c,$(BUILD)/%,$(wildcard tests/unit/test_*.c))
HANDLER_TESTS := $(patsubst %.c,$(BUILD)/%,$(wildcard tests/handlers/test_*.c))
FUZZERS := $(patsubst %.c,build/%,$(wildcard tests/fuzz/fuzz_*.c))

CLUSTER := RUN=$(RUN) PORT=$(PORT) PROGRAM=$(PROGRAM) tests/cluster/cluster.sh

.PHONY: help deps build all up down status logs dev clean test check bench fuzz install
.DELETE_ON_ERROR:

help: ## this list
	@sed -n 's/^\([a-z]*\):.*## \(.*\)/\1\t\2/p' Makefile | expand -t 10

deps: ## install the Debian packages that building and running need
	@tests/cluster/deps.sh build run

build: deps ## compile the program, compress the static files
	@$(MAKE) --no-print-directory all

all: $(PROGRAM) $(GENERATED)/error-pages

up: build ## install, build, start everything, print the address
	@$(CLUSTER) up

down: ## stop everything, keep the data
	@$(CLUSTER) down

status: ## what runs, and how it is
	@$(CLUSTER) status

logs: ## follow all logs
	@$(CLUSTER) logs

dev: build ## as up, then every change shows at once
	@RUN=$(RUN) PORT=$(PORT) PROGRAM=$(PROGRAM) tests/cluster/dev.sh

clean: ## stop everything and forget it, data and build
	@if [ -d "$(RUN)" ]; then $(CLUSTER) forget; fi
	@rm -rf build

test: ## run every test; SANITIZER=address runs them under AddressSanitizer and UBSan
	@tests/cluster/deps.sh build run test
	@$(MAKE) --no-print-directory all $(UNIT_TESTS) $(HANDLER_TESTS)
	@BUILD=$(BUILD) PROGRAM=$(PROGRAM) SANITIZER=$(SANITIZER) /usr/bin/python3 tests/run.py $(TESTS)

check: ## compile with gcc and clang, lint, format, test nginx's configuration
	@tests/cluster/deps.sh build run check
	@tests/check.sh

bench: ## measure cost per request beside controls of the same run; SCALE=1000000 compares sizes
	@tests/cluster/deps.sh build run bench
	@$(MAKE) --no-print-directory all
	@BUILD=$(BUILD) PROGRAM=$(PROGRAM) /usr/bin/python3 tests/bench/bench.py

fuzz: ## fuzz each parser for FUZZ_SECONDS
	@tests/cluster/deps.sh build check
	@$(MAKE) --no-print-directory $(FUZZERS)
	@tests/fuzz/run.sh $(FUZZERS)

install: all ## put program, units and samples in their places under DESTDIR
	@systemd/install.sh "$(PROGRAM)" "$(DESTDIR)" "$(PREFIX)"

$(PROGRAM): $(MAIN) $(HANDLERS) $(APP) $(EMBEDDED)
	$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $^ $(LDLIBS)

# nginx's own errors in the site's clothes, whatever this machine's settings are.
$(GENERATED)/error-pages: $(PROGRAM)
	env -i $(PROGRAM) error-pages --config /dev/null $(BUILD)/static/errors
	@touch $@

# The folders are there for the files that are added or removed.
$(GENERATED)/assets.c: nginx/generate.py nginx/static $(wildcard nginx/static/*)
	@mkdir -p $(GENERATED)
	/usr/bin/python3 nginx/generate.py $(BUILD)/static $(GENERATED)

$(GENERATED)/views.c: handlers/generate.py handlers/views $(wildcard handlers/views/*.mustache)
	@mkdir -p $(GENERATED)
	/usr/bin/python3 handlers/generate.py $(GENERATED)

$(GENERATED)/stamp: sql/generate.py $(wildcard sql/*.sql sql/*/*.sql)
	@mkdir -p $(GENERATED)
	/usr/bin/python3 sql/generate.py $(GENERATED)
	@touch $@
$(GENERATED)/queries.h $(GENERATED)/queries.c $(GENERATED)/migrations.c: $(GENERATED)/stamp ;

$(BUILD)/obj/generated/%.o: $(GENERATED)/%.c
	@mkdir -p $(@D)
	$(CC) $(CPPFLAGS) $(CFLAGS) -MMD -MP -c -o $@ $<

$(BUILD)/obj/%.o: %.c Makefile CHANGELOG.md | $(GENERATED)/queries.h
	@mkdir -p $(@D)
	$(CC) $(CPPFLAGS) $(CFLAGS) -MMD -MP -c -o $@ $<

$(BUILD)/tests/unit/%: tests/unit/%.c $(APP)
	@mkdir -p $(@D)
	$(CC) $(CPPFLAGS) $(CFLAGS) -MMD -MP $(LDFLAGS) -o $@ $< $(APP) $(LDLIBS) -lcmocka

$(BUILD)/tests/handlers/%: tests/handlers/%.c $(HANDLERS) $(APP) $(EMBEDDED)
	@mkdir -p $(@D)
	$(CC) $(CPPFLAGS) $(CFLAGS) -Itests/handlers -MMD -MP $(LDFLAGS) -o $@ $< $(HANDLERS) $(APP) $(EMBEDDED) $(LDLIBS) -lcmocka

build/tests/fuzz/%: tests/fuzz/%.c $(wildcard app/*.c app/*.h)
	@mkdir -p $(@D)
	clang $(CPPFLAGS) -std=c17 -O1 -g -D_GNU_SOURCE -fsanitize=fuzzer,address,undefined -o $@ $< app/*.c $(LDLIBS)

-include $(shell find $(BUILD) -name '*.d' 2>/dev/null)
