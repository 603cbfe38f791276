"""The composer's network in PyTorch and ONNX Runtime, for `cargo bench --bench composer`: the same weights, the same events.

Reads a folder written by the bench, then commands from standard input, one a line, and answers each with a line of JSON:
`check`, `write KIND BATCH`, `learn KIND`. Needs torch; onnx, onnxscript and onnxruntime for the ONNX kind.
"""

import json
import pathlib
import sys
import time

import numpy
import torch
from torch.nn.functional import cross_entropy, dropout, silu

torch.set_num_threads(1)
torch.manual_seed(1)
FOLDER = pathlib.Path(sys.argv[1])
ABOUT = json.loads((FOLDER / "description.json").read_text())
CELLS = ABOUT["cells"]


def array(name):
    return torch.from_numpy(numpy.fromfile(FOLDER / f"{name}.f32", dtype="<f4").reshape(ABOUT["arrays"][name]).copy())


def rms(stream, gains):
    return stream / torch.sqrt((stream * stream).mean(-1, keepdim=True) + 1e-5) * gains


def scan(gates, cells: int):
    """The recurrence over time: [batch, time, 3 cells] to [batch, time, cells]."""
    update, candidate, out = torch.sigmoid(gates[:, :, :cells]), gates[:, :, cells : 2 * cells], gates[:, :, 2 * cells :]
    held = torch.zeros_like(candidate[:, 0])
    rows = []
    for step in range(gates.shape[1]):
        held = held + update[:, step] * (candidate[:, step] - held)
        rows.append(held)
    return torch.stack(rows, 1) * silu(out)


class Composer(torch.nn.Module):
    def __init__(self):
        super().__init__()
        weights = array("weights")
        self.block_norm, self.gates, self.gates_bias, self.out = (torch.nn.ParameterList() for _ in range(4))
        self.names = set()
        for name, start, rows, columns in ABOUT["matrices"]:
            shape = (columns,) if rows == 1 else (rows, columns)
            own = torch.nn.Parameter(weights[start : start + rows * columns].reshape(shape).clone())
            if name in ("block_norm", "gates", "gates_bias", "out"):
                getattr(self, name).append(own)
            else:
                setattr(self, name, own)
                self.names.add(name)
        self.scan = scan

    def onset_logits(self, state, features):
        phases = (state @ self.phase).repeat(1, (features.shape[1] - 1) // self.phase.shape[1])
        scores = (features @ (state @ self.onset_query).unsqueeze(-1)).squeeze(-1)
        logits = torch.addmm(self.onset_bias, state, self.onset) + scores
        return logits + torch.nn.functional.pad(phases, (0, features.shape[1] - phases.shape[1]))

    def scores(self, state, query, features):
        return (features @ (state @ query).unsqueeze(-1)).squeeze(-1)

    def heads(self, state, at, symbol, tail, lengths, velocities, offsets, length, velocity, drop=0.0):
        """Logits of symbol, length, velocity and micro-timing, of those that the part has."""
        mix = silu(torch.addmm(self.mix_bias, state, self.mix_state) + at @ self.mix_at)
        mix = dropout(mix, drop)
        all = [torch.addmm(self.symbol_bias, mix, self.symbol) + self.scores(mix, self.symbol_query, symbol)]
        if "velocity" in self.names:
            tail = silu(torch.addmm(self.tail_bias, mix, self.tail_mix) + tail @ self.tail_features)
            tail = dropout(tail, drop)
            strength = tail @ self.velocity + self.scores(tail, self.velocity_query, velocities)
            if "length" in self.names:
                all.append(tail @ self.length + self.scores(tail, self.length_query, lengths))
                strength = strength + self.velocity_of_length[length]
            all.append(strength)
            if "offset" in self.names:
                given = self.offset_of_velocity[velocity]
                all.append(tail @ self.offset + self.scores(tail, self.offset_query, offsets) + given)
        return all

    def forward(self, inputs, onset, at, symbol, tail, lengths, velocities, offsets, length, velocity, *held):
        """An event: what is told about it and what the cells hold, to the logits and what they hold then."""
        stream = torch.addmm(self.input_bias, inputs, self.input)
        after = []
        for block, before in enumerate(held):
            gates = torch.addmm(self.gates_bias[block], rms(stream, self.block_norm[block]), self.gates[block])
            update, candidate, out = gates.chunk(3, -1)
            now = before + torch.sigmoid(update) * (candidate - before)
            stream = torch.addmm(stream, now * silu(out), self.out[block])
            after.append(now)
        state = rms(stream, self.norm)
        logits = [self.onset_logits(state, onset), *self.heads(state, at, symbol, tail, lengths, velocities, offsets, length, velocity)]
        return (torch.cat(logits, -1), *after)

    def loss(self, batch, drop):
        inputs = batch["inputs"]
        stream = inputs.reshape(-1, inputs.shape[-1]) @ self.input + self.input_bias
        for block in range(ABOUT["blocks"]):
            gates = torch.addmm(self.gates_bias[block], rms(stream, self.block_norm[block]), self.gates[block])
            open = self.scan(gates.reshape(inputs.shape[0], inputs.shape[1], 3 * CELLS), CELLS)
            stream = torch.addmm(stream, dropout(open.reshape(-1, CELLS), drop), self.out[block])
        state = rms(stream, self.norm)
        onsets = self.onset_logits(state[batch["steps"]], batch["onset"]) + batch["onset_mask"]
        total = cross_entropy(onsets, batch["onsets"], reduction="sum")
        rows = [batch[name] for name in ("at", "symbol", "tail", "length_rows", "velocity_rows", "offset_rows")]
        logits = self.heads(state[batch["notes"]], *rows, batch["lengths"], batch["velocities"], drop)
        targets = ["symbols"] + [f"{name}s" if name != "velocity" else "velocities" for name in ("length", "velocity", "offset") if name in self.names]
        logits[0] = logits[0] + batch["symbol_mask"]
        for own, target in zip(logits, targets):
            total = total + cross_entropy(own, batch[target], reduction="sum")
        return total / len(batch["notes"])


MODEL = Composer().eval()
EVENT = ("inputs", "onset", "at", "symbol", "tail", "lengths", "velocities", "offsets")
TOLD = {name: array(name) for name in EVENT} | {name: array(name).long() for name in ("length", "velocity")}
COUNT = min(ABOUT["events"], 400)


def start(batch):
    return [torch.zeros(batch, CELLS) for _ in range(ABOUT["blocks"])]


def told(event, batch):
    own = [TOLD[name][event : event + 1] for name in (*EVENT, "length", "velocity")]
    return [value.expand(batch, *value.shape[1:]).contiguous() for value in own]


def onnx_session(batch):
    import onnxruntime

    path = FOLDER / f"composer{batch}.onnx"
    torch.onnx.export(MODEL, (*told(0, batch), *start(batch)), str(path), dynamo=True, verbose=False)
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    return onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])


def stepper(kind, batch):
    """A function from what is told and held to logits and held."""
    if kind == "onnx":
        session = onnx_session(batch)
        names = [value.name for value in session.get_inputs()]
        # What a part does not read is no input of its graph.
        places = {f"held_{index}": len(EVENT) + 2 + index for index in range(ABOUT["blocks"])}
        order = [*EVENT, "length", "velocity"]
        place = lambda name: places[name] if name in places else order.index(name)
        return lambda *values: session.run(None, {name: values[place(name)] for name in names})
    if kind == "scripted":
        return torch.jit.trace(MODEL, (*told(0, batch), *start(batch)))
    if kind == "compiled":
        return torch.compile(MODEL, mode="default")
    return MODEL


STEPPERS, INPUTS = {}, {}


@torch.inference_mode()
def write(kind, batch, check=False):
    """Microseconds an event of one stream."""
    key = (kind, batch)
    if key not in STEPPERS:
        STEPPERS[key] = stepper(kind, batch)
        values = [told(event, batch) for event in range(COUNT)]
        INPUTS[key] = [[value.numpy() for value in own] for own in values] if kind == "onnx" else values
        write(kind, batch)
    step, inputs = STEPPERS[key], INPUTS[key]
    held = [value.numpy() for value in start(batch)] if kind == "onnx" else start(batch)
    rows = []
    begun = time.perf_counter()
    for own in inputs:
        logits, *held = step(*own, *held)
        if check:
            rows.append(torch.as_tensor(logits)[0])
    us = (time.perf_counter() - begun) * 1e6 / COUNT / batch
    return float((torch.stack(rows) - array("logits")[:COUNT]).abs().max()) if check else us


LEARNERS = {}


def learn(kind):
    """Decisions a second in training."""
    if not LEARNERS:
        floats = {"inputs", "onset", "onset_mask", "at", "symbol", "symbol_mask", "tail"}
        floats |= {"length_rows", "velocity_rows", "offset_rows"}
        names = [name for name in ABOUT["arrays"] if name.startswith("batch_")]
        batch = {name[6:]: array(name) if name[6:] in floats else array(name).long() for name in names}
        LEARNERS["batch"] = batch
        LEARNERS["scripted"] = torch.jit.script(scan)
    if kind not in LEARNERS or kind == "scripted" and "scripted model" not in LEARNERS:
        model = Composer()
        model.scan = LEARNERS["scripted"] if kind == "scripted" else scan
        LEARNERS[f"{kind} model"] = (model, torch.optim.AdamW(model.parameters(), lr=ABOUT["learning_rate"]))
        LEARNERS.setdefault(kind, True)
        for _ in range(3):
            learn_step(kind)
    begun = time.perf_counter()
    for _ in range(4):
        learn_step(kind)
    return 4 * len(LEARNERS["batch"]["steps"]) / (time.perf_counter() - begun)


def learn_step(kind):
    model, optimizer = LEARNERS[f"{kind} model"]
    optimizer.zero_grad()
    model.loss(LEARNERS["batch"], ABOUT["dropout"]).backward()
    torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
    optimizer.step()


for line in sys.stdin:
    command, *rest = line.split()
    try:
        if command == "check":
            answer = write(rest[0], 1, check=False) and write(rest[0], 1, check=True)
        elif command == "write":
            answer = write(rest[0], int(rest[1]))
        else:
            answer = learn(rest[0])
        print(json.dumps({"value": answer}), flush=True)
    except Exception as error:  # a kind that this installation does not have
        print(json.dumps({"error": f"{type(error).__name__}: {str(error)[:200]}"}), flush=True)
