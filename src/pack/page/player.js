// What plays: loops on one clock, and whatever else was asked for. Knows no page.

/** Frames between asking for a sound and its first sample: 15 ms, so that it is scheduled before it is due. */
const LEAD = 720;

/** Frames of decoded sound that are kept: ten minutes, in stereo about 230 MB. */
const KEPT = 600 * RATE;

/** Milliseconds without a sound after which the sound device is let go. */
const REST = 2000;

class Player {
  /**
   * @param {(item) => Promise<Uint8Array>} read an item's preview
   * @param {() => void} changed what plays is not what it was
   * @param {(text: string) => void} say tells the listener
   */
  constructor({ read, changed, say }) {
    Object.assign(this, { read, changed, say });
    this.volume = 0.8;
    this.voices = [];
    this.loading = new Set();
    this.clock = null;
    this.sounds = new Map();
    // Counts up when what was asked for before no longer counts.
    this.request = 0;
  }

  /** The next frame that can be scheduled for. */
  get now() {
    return Math.ceil(this.context.currentTime * RATE) + LEAD;
  }

  /** The frame that is heard now. */
  get heard() {
    const { currentTime, outputLatency = 0 } = this.context;
    return (currentTime - outputLatency) * RATE;
  }

  voice(item) {
    return this.voices.find(voice => voice.item === item);
  }

  /** Plays an item, or stops it if it plays. */
  toggle(item, options) {
    if (this.voice(item)) return this.stop(item);
    if (this.loading.has(item)) return this.cancel();
    return this.play(item, options);
  }

  /** Plays an item in place of what plays, or with `layer` beside it; `from` is a share of its length. */
  async play(item, { layer = false, from = 0 } = {}) {
    if (!layer) this.request++;
    const { request } = this;
    this.loading.add(item);
    this.changed();
    let buffer = null;
    try {
      this.open();
      await this.context.resume();
      if (item.preview) buffer = await this.sound(item);
    } catch {
      // A browser without this codec plays the file itself.
    }
    this.loading.delete(item);
    if (request === this.request) this.enter(item, buffer, layer, from);
    this.changed();
  }

  enter(item, buffer, layer, from) {
    const repeats = Boolean(item.preview?.bar);
    const playing = this.voices.find(voice => voice.item.preview?.bar);
    let said = `${item.name} plays`;
    if (!layer) {
      this.silence();
    } else if (repeats && this.clock && this.clock.bar !== item.preview.bar) {
      said = `${item.bpm} bpm replaces ${playing.item.bpm} bpm: ${item.name} plays`;
      this.silence(voice => voice.item.preview?.bar);
    } else if (repeats && this.clock) {
      said = `${item.name} joins at the next bar line`;
    }
    this.say(said);
    if (!buffer) {
      this.voices.push(new FileVoice(item, this));
      return;
    }
    let when = { at: this.now, from: Math.round(from * buffer.length) };
    if (repeats) {
      when = entry(this.clock, this.now, buffer.length);
      this.clock ??= { origin: when.at, bar: item.preview.bar };
    }
    const voice = new BufferVoice(item, this, buffer, { ...when, repeats });
    voice.parts.source.onended = () => this.drop(voice);
    this.voices.push(voice);
  }

  stop(item) {
    this.silence(voice => voice.item === item);
    this.say(`${item.name} stops`);
    this.changed();
  }

  stopAll() {
    this.cancel();
    if (!this.voices.length) return;
    this.silence();
    this.say('All stops');
    this.changed();
  }

  /** Forgets what was asked for and does not sound yet. */
  cancel() {
    this.request++;
    this.loading.clear();
    this.changed();
  }

  silence(which = () => true) {
    for (const voice of this.voices.filter(which)) {
      voice.stop();
      this.drop(voice);
    }
  }

  drop(voice) {
    if (!this.voices.includes(voice)) return;
    this.voices = this.voices.filter(other => other !== voice);
    if (!this.voices.some(other => other.item.preview?.bar)) this.clock = null;
    this.changed();
    // A context that runs keeps the sound device busy, even if it is silent.
    clearTimeout(this.rest);
    this.rest = setTimeout(() => this.voices.length || this.loading.size || this.context?.suspend(), REST);
  }

  setVolume(volume) {
    this.volume = volume;
    this.mixer?.input.gain.setTargetAtTime(volume * volume, this.context.currentTime, FADE_OUT);
    for (const voice of this.voices) voice.setVolume?.(volume * volume);
  }

  open() {
    if (this.context) return;
    this.context = new AudioContext({ sampleRate: RATE, latencyHint: 'interactive' });
    this.mixer = mixer(this.context);
    // The ear hears levels by their ratio: a squared slider is closer to it than a straight one.
    this.mixer.input.gain.value = this.volume * this.volume;
  }

  /** The decoded sound of an item; those least recently played are forgotten first. */
  async sound(item) {
    const sound = this.sounds.get(item) ?? await this.decode(item);
    this.sounds.delete(item);
    this.sounds.set(item, sound);
    let frames = 0;
    for (const kept of this.sounds.values()) frames += kept.length;
    for (const [oldest, { length }] of this.sounds) {
      if (frames <= KEPT || oldest === item) break;
      this.sounds.delete(oldest);
      frames -= length;
    }
    return sound;
  }

  async decode(item) {
    const bytes = await this.read(item);
    return cut(this.context, await this.context.decodeAudioData(bytes.buffer), item.preview);
  }

  /** The loudest sample of each side, now. */
  levels() {
    if (!this.mixer) return [0, 0];
    return this.mixer.meters.map(meter => {
      const samples = new Float32Array(meter.fftSize);
      meter.getFloatTimeDomainData(samples);
      return samples.reduce((loudest, sample) => Math.max(loudest, Math.abs(sample)), 0);
    });
  }
}

/** A preview that plays. */
class BufferVoice {
  constructor(item, player, buffer, when) {
    Object.assign(this, { item, player, when, length: buffer.length, muted: false });
    this.parts = start(player.context, player.mixer.input, buffer, when);
  }

  /** Where it is, 0 to 1; null before it starts. */
  get position() {
    const { at, from, repeats } = this.when;
    const played = this.player.heard - at;
    if (played < 0) return null;
    const frame = from + played;
    return repeats ? frame % this.length / this.length : Math.min(1, frame / this.length);
  }

  mute(muted) {
    this.muted = muted;
    this.parts.level.gain.setTargetAtTime(muted ? 0 : 1, this.player.context.currentTime, FADE_OUT);
  }

  stop() {
    const { now } = this.player;
    if (this.when.at > now) this.parts.source.stop();
    else end(this.parts, now);
  }
}

/** The file beside the page, where there is no preview or no decoder for it. Not in step with anything. */
class FileVoice {
  constructor(item, player) {
    this.item = item;
    this.muted = false;
    this.sound = new Audio(item.href);
    this.sound.loop = item.kind === 'loop' || item.kind === 'stem';
    this.setVolume(player.volume * player.volume);
    this.sound.onended = () => player.drop(this);
    this.sound.onerror = () => {
      player.say(`${item.name} cannot be played: its file is not beside this page`);
      player.drop(this);
    };
    // What goes wrong is told by the error event.
    this.sound.play().catch(() => {});
  }

  get position() {
    return this.sound.duration ? this.sound.currentTime / this.sound.duration : 0;
  }

  setVolume(volume) {
    this.sound.volume = volume;
  }

  mute(muted) {
    this.muted = muted;
    this.sound.muted = muted;
  }

  stop() {
    this.sound.onended = null;
    this.sound.onerror = null;
    this.sound.pause();
  }
}

