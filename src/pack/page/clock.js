'use strict';

// Time and sound. All of this works on any BaseAudioContext, so that an OfflineAudioContext can render what is heard.
// Time is counted in whole frames at 48 kHz. A bar is a whole number of them, so loops of one tempo never drift apart.

const RATE = 48000;

/** Frames over which a loop's end fades into what came before its start: 20 ms, as the previews are made for. */
const SEAM = 960;

/** Seconds over which a sound that starts within itself fades in, and the time constant of fading out. */
const FADE_IN = 0.001;
const FADE_OUT = 0.005;

/** The first bar line of a clock { origin, bar } at or after a frame. */
function barLineFrom(clock, frame) {
  const bars = Math.max(0, Math.ceil((frame - clock.origin) / clock.bar));
  return clock.origin + bars * clock.bar;
}

/** Where a loop is at a frame, had it turned since the clock began. */
function phaseAt(clock, frame, length) {
  return (frame - clock.origin) % length;
}

/** When a loop starts, and where in itself: alone at once, beside others at the next bar line and in step with them. */
function entry(clock, frame, length) {
  if (!clock) return { at: frame, from: 0 };
  const at = barLineFrom(clock, frame);
  return { at, from: phaseAt(clock, at, length) };
}

/** The sound in a decoded preview: of a loop exactly one turn, whose end runs on into its start. */
function cut(context, decoded, { lead, frames, bar }) {
  const sound = context.createBuffer(decoded.numberOfChannels, frames, RATE);
  for (let channel = 0; channel < decoded.numberOfChannels; channel++) {
    const before = decoded.getChannelData(channel);
    const samples = sound.getChannelData(channel);
    samples.set(before.subarray(lead, lead + frames));
    if (bar) closeSeam(samples, before.subarray(lead - SEAM, lead));
  }
  return sound;
}

/** Fades the end of a loop into `lead`, the same music as it was decoded right before the start. */
function closeSeam(samples, lead) {
  const start = samples.length - lead.length;
  for (let i = 0; i < lead.length; i++) {
    const share = 0.5 - 0.5 * Math.cos(Math.PI * (i + 1) / lead.length);
    samples[start + i] += share * (lead[i] - samples[start + i]);
  }
}

/** Starts a sound at a frame, from a frame in itself; `level` mutes it, `envelope` ends it. */
function start(context, output, buffer, { at, from, repeats }) {
  const source = new AudioBufferSourceNode(context, { buffer, loop: repeats });
  const envelope = new GainNode(context);
  const level = new GainNode(context);
  source.connect(envelope).connect(level).connect(output);
  if (from > 0 || repeats) {
    envelope.gain.setValueAtTime(0, at / RATE);
    envelope.gain.linearRampToValueAtTime(1, at / RATE + FADE_IN);
  }
  source.start(at / RATE, from / RATE);
  return { source, envelope, level };
}

/** Ends a sound at a frame without a click. */
function end({ source, envelope }, at) {
  envelope.gain.setTargetAtTime(0, at / RATE, FADE_OUT);
  source.stop(at / RATE + 8 * FADE_OUT);
}

/** Volume, then a soft ceiling for layers that add up to more than full scale, then a meter for each side. */
function mixer(context) {
  const input = new GainNode(context);
  const ceiling = new WaveShaperNode(context, { curve: ceilingCurve() });
  const meters = [new AnalyserNode(context, { fftSize: 2048 }), new AnalyserNode(context, { fftSize: 2048 })];
  const sides = new ChannelSplitterNode(context, { numberOfOutputs: 2 });
  // One side of a mono sound would have no level.
  const stereo = new GainNode(context, { channelCount: 2, channelCountMode: 'explicit' });
  input.connect(new GainNode(context, { gain: 1 / CEILING_SPAN })).connect(ceiling).connect(stereo);
  stereo.connect(context.destination);
  stereo.connect(sides);
  meters.forEach((meter, side) => sides.connect(meter, side));
  return { input, meters };
}

/** Full scales that the ceiling takes in. */
const CEILING_SPAN = 4;

/** Leaves samples as they are up to 0.9 and bends what is louder towards 1. */
function ceilingCurve() {
  const knee = 0.9;
  return Float32Array.from({ length: 4001 }, (_, i) => {
    const sample = CEILING_SPAN * (i / 2000 - 1);
    const over = Math.max(0, Math.abs(sample) - knee);
    return Math.sign(sample) * (Math.min(Math.abs(sample), knee) + (1 - knee) * Math.tanh(over / (1 - knee)));
  });
}

