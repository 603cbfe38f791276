# All that a fresh machine needs. Everything builds with the release profile: the networks are too slow without.

CARGO ?= cargo
SUDO := $(shell [ "$$(id -u)" = 0 ] || command -v sudo)
DEMO := riffsmith-demo
DEMO_STYLES := house techno drum_and_bass trap lofi funk rock ambient
RIFFSMITH := $(or $(CARGO_TARGET_DIR),target)/release/riffsmith

# ALSA's headers to build; to test, independent readers of WAV and MIDI files, a browser, and what spreads work over machines.
BUILD_PACKAGES := build-essential pkg-config libasound2-dev
TEST_PACKAGES := $(BUILD_PACKAGES) libasound2-plugins sox sndfile-programs ffmpeg chromium chromium-driver fonts-dejavu-core \
	python3 python3-yaml parallel slurm-wlm munge

.PHONY: demo test packages-demo packages-test

demo: packages-demo
	$(CARGO) build --release --locked
	@mkdir -p $(DEMO)
	@for style in $(DEMO_STYLES); do \
		$(RIFFSMITH) generate $$style --seed 1 --midi --plot --force --out $(DEMO) || exit 1; \
	done
	@echo
	@echo "Loops to hear, notes to edit and pictures to look at are in $(DEMO)/:"
	@ls -sh1 $(DEMO)

test: packages-test
	$(CARGO) fmt --all --check
	$(CARGO) clippy --release --locked --workspace --all-targets -- -D warnings
	$(CARGO) test --release --locked -p riffsmith --no-default-features
	$(CARGO) test --release --locked --workspace
	tests/end_to_end.sh $(RIFFSMITH)
	tests/cluster.sh $(RIFFSMITH)

packages-demo:
	@$(call install,$(BUILD_PACKAGES))

packages-test:
	@$(call install,$(TEST_PACKAGES))

# Installs those packages that are missing, where apt-get is at hand.
define install
missing=; for package in $(1); do \
	dpkg-query -W -f '$${Status}' $$package 2>/dev/null | grep -q 'ok installed' || missing="$$missing $$package"; \
done; \
if [ -n "$$missing" ]; then \
	if command -v apt-get >/dev/null; then \
		echo "installing$$missing"; \
		$(SUDO) apt-get update -qq && DEBIAN_FRONTEND=noninteractive $(SUDO) apt-get install -y -qq --no-install-recommends $$missing; \
	else \
		echo "please install$$missing, or what these are called here"; \
	fi; \
fi
endef
