// The page: a list to search, filter and sort, and the player below it.

const $ = id => document.getElementById(id);

const KINDS = {
  loop: 'Loops', stem: 'Stems', one_shot: 'One-shots', demo: 'Demos', multisample: 'Instruments', midi: 'MIDI', preset: 'Presets',
};

/** What stands in place of a waveform. */
const KIND_OF_FILE = {
  loop: 'Loop', stem: 'Stem', one_shot: 'One-shot', demo: 'Demo', multisample: 'Sampler instrument', midi: 'MIDI notes', preset: 'Preset',
};

/** Colour of a role's waveform, by the first of these words that it contains. */
const HUES = [
  ['drums', /drum|kick|snare|clap|hat|perc|tom|cymbal|ride|crash|rim|shaker|beat|break/],
  ['bass', /bass|808|sub/],
  ['chords', /chord|pad|key|piano|organ|guitar|string|stab|pluck/],
  ['lead', /lead|synth|bell|arp|melod|voice|brass/],
];

/** The list as the rest of the page reads it, in the pack's order. */
const items = JSON.parse($('index').textContent).map((row, order) => {
  const file = row.path.split('/').pop();
  const item = { ...row, order, file };
  item.folder = row.path.slice(0, -file.length).replace(/\/$/, '');
  item.href = row.path.split('/').map(encodeURIComponent).join('/');
  item.role ??= '';
  item.hue = HUES.find(([, words]) => words.test(item.role.toLowerCase()))?.[0] ?? 'full';
  item.audible = Boolean(row.preview) || /\.wav$/i.test(file);
  const bpm = row.bpm ? `${row.bpm} ${row.bpm}bpm` : '';
  item.length = lengthText(item);
  item.text = [file, item.folder, row.role, row.style, row.key?.name, bpm, KINDS[row.kind], ...row.tags]
    .join(' ').toLowerCase().replaceAll('_', ' ');
  return item;
});

nameItems();

// ---------------------------------------------------------------- words

/** `hat_closed` as people write it: Hat closed. */
function words(text) {
  const spaced = text.replaceAll('_', ' ');
  return spaced.charAt(0).toUpperCase() + spaced.slice(1);
}

const shortNumber = number => String(Math.round(100 * number) / 100);
const soundsText = count => `${count} ${count === 1 ? 'sound' : 'sounds'}`;
const shortKey = name => name.replace(/ (maj|min)or$/, ' $1');

/**
 * Gives each item a title: of its file's name what neither stands in a column of its own nor begins more than half of the names, as the label
 * and the pack do. Its name for the ear says the role too.
 */
function nameItems() {
  // A stem is called as its part is; its folder says of what.
  const stems = items.map(item => {
    const stem = item.file.replace(/\.[^.]+$/, '');
    return stem === item.role ? item.path.split('/').at(-2) ?? stem : stem;
  });
  const parts = stems.map(stem => stem.split('_'));
  let common = 0;
  while (parts.filter(part => part.length > common + 1 && part[common] === parts[0][common]).length > 0.5 * items.length) common++;
  const start = `${parts[0]?.slice(0, common).join('_')}_`;
  items.forEach((item, index) => {
    const stem = stems[index];
    let rest = `_${common && stem.startsWith(start) ? stem.slice(start.length) : stem}_`;
    const [tonic, mode = ''] = (item.key?.name ?? '').split(' ');
    for (const shown of [Math.round(item.bpm ?? 0), item.role, `${tonic}${mode.slice(0, 3)}`]) {
      if (shown) rest = rest.replace(`_${shown}_`, '_');
    }
    const own = rest.replace(/^_+|_+$/g, '');
    item.title = words(own || item.role || stem);
    item.name = own && item.role ? `${item.title}, ${words(item.role).toLowerCase()}` : item.title;
  });
}

function lengthText({ kind, bars, seconds }) {
  if (bars && kind !== 'demo') return `${bars} ${bars === 1 ? 'bar' : 'bars'}`;
  if (!seconds) return '';
  if (seconds < 10) return `${seconds.toFixed(2)} s`;
  const whole = Math.round(seconds);
  return `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, '0')}`;
}

// ---------------------------------------------------------------- what of the pack is shown

/** Each facet: the values that an item has in it, and whether an item must have all that are chosen or any. */
const facets = [
  { id: 'kind', label: 'Type', of: item => [item.kind], show: value => KINDS[value] },
  { id: 'role', label: 'Role', of: item => item.role ? [item.role] : [], show: words },
  { id: 'style', label: 'Style', of: item => item.style ? [item.style] : [], show: words },
  { id: 'key', label: 'Key', of: item => item.key ? [item.key.name] : [], show: shortKey },
  { id: 'tag', label: 'Tags', of: item => item.tags, show: text => text.replaceAll('_', ' '), all: true },
].map(facet => ({ ...facet, chosen: new Set(), boxes: new Map() }));
const keyFacet = facets.find(facet => facet.id === 'key');
const notesOfKey = new Map(items.filter(item => item.key).map(item => [item.key.name, item.key.notes]));

const state = { search: [], low: null, high: null, kindred: false, sort: 'order', descending: false, shown: items, current: items[0] };

/** How many notes two scales share; relative keys share all seven, neighbours on the circle of fifths six. */
function sharedNotes(a, b) {
  let both = a & b;
  let count = 0;
  for (; both; both &= both - 1) count++;
  return count;
}

function inFacet(facet, item) {
  if (!facet.chosen.size) return true;
  const values = facet.of(item);
  if (facet.all) return [...facet.chosen].every(value => values.includes(value));
  if (values.some(value => facet.chosen.has(value))) return true;
  if (facet !== keyFacet || !state.kindred || !item.key) return false;
  return [...facet.chosen].some(name => sharedNotes(notesOfKey.get(name), item.key.notes) >= 6);
}

function inTempo({ bpm }) {
  if (state.low === null && state.high === null) return true;
  return bpm !== undefined && bpm >= (state.low ?? 0) && bpm <= (state.high ?? Infinity);
}

const inSearch = ({ text }) => state.search.every(word => text.includes(word));

const SORTS = {
  order: { label: 'Pack order', of: item => item.order },
  name: { label: 'Name', of: item => item.title.toLowerCase() },
  role: { label: 'Role', of: item => item.role },
  key: { label: 'Key', of: item => item.key?.name },
  bpm: { label: 'Tempo', of: item => item.bpm },
  length: { label: 'Length', of: item => item.seconds },
};

function compare(a, b) {
  const { of } = SORTS[state.sort];
  const [x, y] = [of(a), of(b)];
  const missing = value => value === undefined || value === '';
  // What has no value comes last in both directions.
  if (missing(x) || missing(y)) return missing(x) - missing(y) || a.order - b.order;
  const sign = state.descending ? -1 : 1;
  return x < y ? -sign : x > y ? sign : a.order - b.order;
}

/** Brings list, counts and facets up to what is searched, chosen and sorted by. */
function refresh() {
  const found = items.filter(item => inSearch(item) && inTempo(item));
  state.shown = found.filter(item => facets.every(facet => inFacet(facet, item))).sort(compare);
  const visible = new Set(state.shown);
  for (const item of items) item.row.hidden = !visible.has(item);
  state.shown.forEach((item, index) => item.row.setAttribute('aria-rowindex', index + 2));
  arrange();
  for (const facet of facets) countFacet(facet, found);
  const chosen = facets.reduce((sum, facet) => sum + facet.chosen.size, 0) + (state.low !== null || state.high !== null);
  const all = state.shown.length === items.length;
  setText($('count'), all ? soundsText(items.length) : `${state.shown.length} of ${soundsText(items.length)}`);
  setText($('filters-count'), chosen || '');
  setText($('filters-close'), `Show ${soundsText(state.shown.length)}`);
  $('clear').disabled = !chosen;
  $('nothing').hidden = state.shown.length > 0;
  $('grid').setAttribute('aria-rowcount', state.shown.length + 1);
  if (!visible.has(state.current)) setCurrent(state.shown[0]);
}

/** Puts the rows in order, and leaves the document alone if they are. */
function arrange() {
  const rows = $('rows');
  const ordered = [...state.shown, ...items.filter(item => item.row.hidden)];
  if (ordered.some((item, index) => rows.children[index] !== item.row)) rows.append(...ordered.map(item => item.row));
}

/** How many sounds each value of a facet would show, given all that is chosen elsewhere. */
function countFacet(facet, found) {
  const others = facets.filter(other => other !== facet || facet.all);
  const counts = new Map();
  for (const item of found.filter(item => others.every(other => inFacet(other, item)))) {
    for (const value of facet.of(item)) counts.set(value, 1 + (counts.get(value) ?? 0));
  }
  for (const [value, { box, count }] of facet.boxes) {
    const number = counts.get(value) ?? 0;
    setText(count, number);
    box.disabled = !number && !box.checked;
  }
}

function setText(element, text) {
  if (element.textContent !== String(text)) element.textContent = text;
}

// ---------------------------------------------------------------- building the page

function element(name, properties = {}, ...children) {
  const made = Object.assign(document.createElement(name), properties);
  made.append(...children);
  return made;
}

function icon(name) {
  const svg = document.createElementNS('http://www.w3.org/2000/svg', 'svg');
  const use = document.createElementNS('http://www.w3.org/2000/svg', 'use');
  use.setAttribute('href', `#icon-${name}`);
  svg.setAttribute('aria-hidden', 'true');
  svg.append(use);
  return svg;
}

function setIcon(button, name) {
  button.querySelector('use').setAttribute('href', `#icon-${name}`);
}

const COLUMNS = [
  [null, 'Play', 'unseen'], [null, 'Waveform', 'unseen'], ['name', 'Name'], ['role', 'Role'], ['key', 'Key'], ['bpm', 'BPM'],
  ['length', 'Length'], [null, 'Tags'], [null, 'More', 'unseen'],
];

function buildHead() {
  for (const [sort, label, style] of COLUMNS) {
    const head = element('div', {}, sort ? element('button', { type: 'button', textContent: label }) : element('span', { className: style ?? '', textContent: label }));
    head.setAttribute('role', 'columnheader');
    if (sort) {
      head.dataset.sort = sort;
      head.firstChild.onclick = () => sortBy(sort, state.sort === sort && !state.descending);
    }
    $('head').append(head);
  }
  for (const [id, { label }] of Object.entries(SORTS)) $('sort').append(element('option', { value: id, textContent: label }));
  $('sort').onchange = () => sortBy($('sort').value, false);
}

function sortBy(sort, descending) {
  Object.assign(state, { sort, descending });
  $('sort').value = sort;
  for (const head of $('head').children) {
    if (head.dataset.sort === sort) head.setAttribute('aria-sort', descending ? 'descending' : 'ascending');
    else head.removeAttribute('aria-sort');
  }
  refresh();
}

function buildRow(item) {
  const row = $('row').content.firstElementChild.cloneNode(true);
  item.row = row;
  row.item = item;
  row.dataset.hue = item.hue;
  row.classList.toggle('mute-file', !item.audible);
  const [play, wave, name, role, key, bpm, length, tags, more] = row.children;
  const button = play.firstElementChild;
  button.setAttribute('aria-label', `Play ${item.name}`);
  button.disabled = !item.audible;
  name.firstElementChild.textContent = item.title;
  name.lastElementChild.textContent = item.file;
  name.title = item.path;
  role.append(item.role ? element('span', { className: 'chip', textContent: words(item.role) }) : '');
  key.textContent = item.key ? shortKey(item.key.name) : '';
  bpm.textContent = item.bpm ? shortNumber(item.bpm) : '';
  length.textContent = item.length;
  tags.textContent = item.tags.join(', ').replaceAll('_', ' ');
  if (!item.peaks) wave.firstElementChild.append(element('span', { textContent: KIND_OF_FILE[item.kind] }));
  const [layer, file] = more.children;
  layer.setAttribute('aria-label', `Add ${item.name} to what plays`);
  layer.title = 'Add to what plays (Shift and Enter)';
  layer.hidden = !item.audible;
  file.href = item.href;
  file.title = `Open ${item.path}`;
  file.setAttribute('aria-label', `Open the file ${item.file}`);
  return row;
}

/** The waveform of an item: its peaks, and within them the root mean square. */
function drawWave(item, place) {
  if (!item.peaks) return;
  const bytes = atob(item.peaks);
  const columns = bytes.length / 2;
  const outline = offset => {
    const level = column => Math.max(0.5, 31 * bytes.charCodeAt(2 * column + offset) / 255);
    let above = '';
    let below = '';
    for (let column = 0; column < columns; column++) {
      const x = (column + 0.5) * 160 / columns;
      above += `L${x} ${(32 - level(column)).toFixed(1)}`;
      below = `L${x} ${(32 + level(column)).toFixed(1)}${below}`;
    }
    return `M0 32${above}L160 32${below}Z`;
  };
  for (const [offset, name] of [[0, 'peak'], [1, 'rms']]) {
    const path = document.createElementNS('http://www.w3.org/2000/svg', 'path');
    path.setAttribute('d', outline(offset));
    path.setAttribute('class', name);
    place.append(path);
  }
}

/** The waveform as a row of bars, for the head of the page. */
function drawBars(item, place) {
  const bytes = atob(item.peaks);
  const columns = bytes.length / 2;
  const count = 64;
  let bars = '';
  for (let bar = 0; bar < count; bar++) {
    // Peaks of finished music are all alike; the energy has more shape.
    const level = bytes.charCodeAt(2 * Math.floor(bar * columns / count) + 1) / 255;
    const x = (160 * (bar + 0.5) / count).toFixed(2);
    const half = Math.max(0.5, 30 * Math.min(1, 1.7 * level));
    bars += `M${x} ${(32 - half).toFixed(1)}V${(32 + half).toFixed(1)}`;
  }
  const path = document.createElementNS('http://www.w3.org/2000/svg', 'path');
  path.setAttribute('d', bars);
  place.append(path);
}

function emptyWave() {
  const svg = document.createElementNS('http://www.w3.org/2000/svg', 'svg');
  svg.setAttribute('viewBox', '0 0 160 64');
  svg.setAttribute('preserveAspectRatio', 'none');
  svg.setAttribute('aria-hidden', 'true');
  return svg;
}

/** Draws a row's waveform when the row comes into view. */
const onSight = new IntersectionObserver(entries => {
  for (const { isIntersecting, target } of entries) {
    if (!isIntersecting) continue;
    onSight.unobserve(target);
    const svg = emptyWave();
    drawWave(target.item, svg);
    target.querySelector('.wave').append(svg);
  }
}, { rootMargin: '300px' });

function buildFacet(facet) {
  const totals = new Map();
  for (const item of items) for (const value of facet.of(item)) totals.set(value, 1 + (totals.get(value) ?? 0));
  const order = facet.id === 'kind' ? Object.keys(KINDS) : null;
  const values = [...totals.keys()].sort((a, b) => {
    if (order) return order.indexOf(a) - order.indexOf(b);
    if (facet.all) return totals.get(b) - totals.get(a) || (a < b ? -1 : 1);
    return a < b ? -1 : 1;
  });
  if (!values.length) return;
  const field = element('fieldset', { className: `facet facet-${facet.id}` }, element('legend', { textContent: facet.label }));
  const chips = element('div', { className: 'chips' });
  values.forEach((value, index) => {
    const box = element('input', { type: 'checkbox' });
    const count = element('small');
    const chip = element('label', {}, box, element('span', {}, facet.show(value), ' ', count));
    // A pack has a long tail of tags.
    chip.hidden = facet.all && index >= 14;
    facet.boxes.set(value, { box, count });
    box.onchange = () => {
      if (box.checked) facet.chosen.add(value);
      else facet.chosen.delete(value);
      if (facet === keyFacet) $('kindred').disabled = !facet.chosen.size;
      refresh();
    };
    chips.append(chip);
  });
  field.append(chips);
  const more = [...chips.children].filter(chip => chip.hidden);
  if (more.length) {
    const button = element('button', { type: 'button', className: 'link', textContent: `${more.length} more` });
    button.onclick = () => {
      for (const chip of more) chip.hidden = false;
      more[0].firstElementChild.focus();
      button.remove();
    };
    field.append(button);
  }
  if (facet === keyFacet) field.append(kindredSwitch());
  $('facets').append(field);
}

function kindredSwitch() {
  const box = element('input', { type: 'checkbox', id: 'kindred', disabled: true });
  box.setAttribute('role', 'switch');
  box.onchange = () => {
    state.kindred = box.checked;
    refresh();
  };
  const label = element('label', { className: 'switch', title: 'Keys that share at least six of seven notes' }, box, element('span', { textContent: 'And compatible keys' }));
  return label;
}

function buildTempo() {
  const tempos = items.flatMap(item => item.bpm ? [item.bpm] : []);
  $('tempo').hidden = !tempos.length;
  const read = input => input.value.trim() === '' || !Number.isFinite(input.valueAsNumber) ? null : input.valueAsNumber;
  const lowest = tempos.reduce((a, b) => Math.min(a, b), Infinity);
  const highest = tempos.reduce((a, b) => Math.max(a, b), 0);
  $('bpm-low').placeholder = tempos.length ? Math.floor(lowest) : '';
  $('bpm-high').placeholder = tempos.length ? Math.ceil(highest) : '';
  for (const input of [$('bpm-low'), $('bpm-high')]) {
    input.oninput = () => {
      state.low = read($('bpm-low'));
      state.high = read($('bpm-high'));
      refresh();
    };
  }
}

/** What can be counted stands before the facts that the pack states. */
function buildFacts() {
  const counted = Object.keys(KINDS).flatMap(kind => {
    const count = items.filter(item => item.kind === kind).length;
    return count ? [element('div', { className: 'counted' }, element('dt', { textContent: KINDS[kind] }), element('dd', { textContent: count }))] : [];
  });
  $('facts').prepend(...counted);
  const face = items.find(item => item.kind === 'demo' && item.peaks) ?? items.find(item => item.peaks);
  if (face) drawBars(face, $('pack-wave'));
  const demo = items.find(item => item.kind === 'demo' && item.audible);
  $('demo').hidden = !demo;
  $('demo').onclick = () => player.toggle(demo);
  return demo;
}

function clearFilters() {
  for (const facet of facets) {
    for (const value of facet.chosen) facet.boxes.get(value).box.checked = false;
    facet.chosen.clear();
  }
  if ($('kindred')) $('kindred').disabled = true;
  $('bpm-low').value = $('bpm-high').value = '';
  state.low = state.high = null;
  refresh();
}

/** On narrow screens the filters are a drawer over the rest. */
function showFilters(open) {
  document.body.classList.toggle('filters-shown', open);
  $('filters-open').setAttribute('aria-expanded', open);
  for (const rest of document.querySelectorAll('.pack, main, .player')) rest.inert = open;
  (open ? $('filters').querySelector('input') : $('filters-open')).focus();
}

function setSearch(text) {
  if ($('search').value !== text) $('search').value = text;
  state.search = text.toLowerCase().replaceAll('_', ' ').split(/\s+/).filter(Boolean);
  refresh();
}

// ---------------------------------------------------------------- the current row

/** Makes an item the one that keys act on; its row and buttons are those that Tab reaches. */
function setCurrent(item) {
  const tabbable = (row, index) => {
    if (!row) return;
    row.tabIndex = index;
    for (const control of row.querySelectorAll('button, a')) control.tabIndex = index;
  };
  tabbable(state.current?.row, -1);
  state.current?.row.removeAttribute('aria-selected');
  state.current = item;
  tabbable(item?.row, 0);
  item?.row.setAttribute('aria-selected', 'true');
}

function moveTo(index) {
  const item = state.shown[Math.max(0, Math.min(state.shown.length - 1, index))];
  if (!item) return;
  const moved = item !== state.current;
  setCurrent(item);
  item.row.focus();
  if (moved && $('following').checked && item.audible) player.play(item);
}

/** Goes to an item's row, whatever is searched for. */
function goTo(item) {
  if (item.row.hidden) {
    setSearch('');
    clearFilters();
  }
  setCurrent(item);
  item.row.focus();
}

const place = () => state.shown.indexOf(state.current);
const PAGE = 10;
const MOVES = {
  ArrowDown: () => place() + 1,
  ArrowUp: () => place() - 1,
  PageDown: () => place() + PAGE,
  PageUp: () => place() - PAGE,
  Home: () => 0,
  End: () => state.shown.length - 1,
};

function ask(item, layer) {
  if (item?.audible) player.toggle(item, { layer: layer || $('layering').checked });
}

/** Goes to a share of a sound that does not repeat. */
function seek(item, share) {
  if (!item.audible) return;
  if (item.preview?.bar) return ask(item, false);
  const others = player.voices.length > (player.voice(item) ? 1 : 0);
  if (player.voice(item)) player.silence(voice => voice.item === item);
  player.play(item, { layer: others && $('layering').checked, from: share });
}

function nudge(item, direction) {
  const voice = item && player.voice(item);
  if (!voice || item.preview?.bar) return;
  const step = Math.min(5, item.seconds / 10) / item.seconds;
  seek(item, Math.max(0, Math.min(0.999, (voice.position ?? 0) + direction * step)));
}

function muteCurrent() {
  const voice = state.current && player.voice(state.current);
  if (!voice) return;
  voice.mute(!voice.muted);
  player.say(`${state.current.name} ${voice.muted ? 'is muted' : 'is heard again'}`);
  showPlaying();
}

function onKey(event) {
  const { key, target, ctrlKey, metaKey, altKey } = event;
  if (ctrlKey || metaKey || altKey || $('help').open) return;
  const typing = target.matches('input[type=search], input[type=number], select');
  if (key === 'Escape') {
    if (document.body.classList.contains('filters-shown')) showFilters(false);
    else if (target === $('search') && target.value) setSearch('');
    else player.stopAll();
    if (target === $('search')) moveTo(place());
  } else if (target === $('search') && (key === 'ArrowDown' || key === 'Enter')) {
    moveTo(place());
  } else if (typing || (target.type === 'range' && (MOVES[key] || key.startsWith('Arrow')))) {
    return;
  } else if (key === '/') {
    $('search').focus();
    $('search').select();
  } else if (key === '?') {
    $('help').showModal();
  } else if (MOVES[key]) {
    moveTo(MOVES[key]());
  } else if (target.matches('button, a, input, summary')) {
    // Their own keys are theirs.
    return;
  } else if (key === 'Enter' || key === ' ') {
    ask(state.current, event.shiftKey);
  } else if (key === 'ArrowLeft' || key === 'ArrowRight') {
    nudge(state.current, key === 'ArrowLeft' ? -1 : 1);
  } else if (key === 'm' || key === 'M') {
    muteCurrent();
  } else {
    return;
  }
  event.preventDefault();
}

function onRowClick(event) {
  const row = event.target.closest('.row');
  if (!row) return;
  const { item } = row;
  setCurrent(item);
  if (event.target.closest('.play')) return ask(item, event.shiftKey);
  if (event.target.closest('.layer')) return ask(item, true);
  if (event.target.closest('a')) return;
  const wave = event.target.closest('.wave');
  if (!wave) return row.focus();
  const { left, width } = wave.getBoundingClientRect();
  row.focus();
  if (event.shiftKey) ask(item, true);
  else seek(item, Math.max(0, Math.min(0.999, (event.clientX - left) / width)));
}

// ---------------------------------------------------------------- the player's bar

/** Waits until the browser has read as far as a preview, and hands over its bytes. */
async function readPreview(item) {
  const id = `preview-${item.order}`;
  const whole = () => document.readyState !== 'loading' || $(id)?.nextElementSibling;
  while (!whole()) await new Promise(resolve => setTimeout(resolve, 30));
  const text = atob($(id).textContent);
  const bytes = new Uint8Array(text.length);
  for (let i = 0; i < text.length; i++) bytes[i] = text.charCodeAt(i);
  return bytes;
}

const player = new Player({ read: readPreview, changed: showPlaying, say: text => { $('status').textContent = text; } });

let demo = null;
let lit = [];

/** Shows which sounds play: in their rows, and as layers in the bar. */
function showPlaying() {
  const playing = player.voices.map(voice => voice.item);
  const loading = [...player.loading];
  for (const item of lit) if (!playing.includes(item) && !loading.includes(item)) lightRow(item, '');
  for (const item of playing) lightRow(item, 'playing');
  for (const item of loading) lightRow(item, 'loading');
  lit = [...playing, ...loading];
  $('layers').replaceChildren(...player.voices.map(layerChip));
  $('stop').disabled = !lit.length;
  document.body.classList.toggle('is-playing', player.voices.length > 0);
  if (demo) {
    const on = lit.includes(demo);
    setIcon($('demo'), on ? 'stop' : 'play');
    setText($('demo').querySelector('span'), on ? 'Stop the demo' : 'Play the demo');
  }
  showBeats();
  animate();
}

function lightRow(item, how) {
  const { row } = item;
  row.classList.toggle('playing', how === 'playing');
  row.classList.toggle('loading', how === 'loading');
  const button = row.querySelector('.play');
  setIcon(button, how ? 'stop' : 'play');
  button.setAttribute('aria-label', `${how ? 'Stop' : 'Play'} ${item.name}`);
  const wave = row.querySelector('.wave');
  if (how !== 'playing') row.classList.remove('waiting');
  if (!how) {
    wave.querySelector('.played')?.remove();
    wave.style.removeProperty('--at');
  } else if (!wave.querySelector('.played') && item.peaks) {
    const svg = emptyWave();
    svg.classList.add('played');
    drawWave(item, svg);
    wave.append(svg);
  }
}

function layerChip(voice) {
  const { item } = voice;
  const mute = element('button', { type: 'button', className: 'icon' }, icon(voice.muted ? 'mute' : 'volume'));
  mute.setAttribute('aria-label', `Mute ${item.name}`);
  mute.setAttribute('aria-pressed', voice.muted);
  mute.onclick = () => {
    voice.mute(!voice.muted);
    showPlaying();
    $('layers').children[player.voices.indexOf(voice)]?.querySelector('[aria-pressed]').focus();
  };
  const stop = element('button', { type: 'button', className: 'icon', onclick: () => player.stop(item) }, icon('close'));
  stop.setAttribute('aria-label', `Stop ${item.name}`);
  const title = element('button', { type: 'button', className: 'title', title: item.path, onclick: () => goTo(item) }, item.title);
  if (item.role) title.append(' ', element('small', { textContent: words(item.role) }));
  const chip = element('li', { className: voice.muted ? 'muted' : '' }, title, mute, stop);
  chip.dataset.hue = item.hue;
  return chip;
}

/** As many lights as the bar has beats. */
function showBeats() {
  const leader = player.voices.find(voice => voice.item.preview?.bar)?.item;
  const beats = leader?.beats && leader?.bars ? Math.round(leader.beats / leader.bars) : leader ? 4 : 0;
  if ($('beats').children.length !== beats) {
    $('beats').replaceChildren(...Array.from({ length: beats }, () => element('i')));
  }
  $('beats').dataset.bpm = leader?.bpm ?? '';
  if (!leader) setText($('clock-text'), player.voices.length ? '' : 'Nothing plays');
}

function drawClock() {
  const { clock } = player;
  if (!clock) return;
  const bars = Math.max(0, (player.heard - clock.origin) / clock.bar);
  const lights = $('beats').children;
  const beat = Math.floor(bars % 1 * lights.length);
  for (let i = 0; i < lights.length; i++) lights[i].classList.toggle('on', i === beat);
  setText($('clock-text'), `${shortNumber(Number($('beats').dataset.bpm))} bpm · ${Math.floor(bars) + 1}.${beat + 1}`);
}

/** Decibels that the meter spans. */
const METER_DB = 48;
let shownLevels = [0, 0];

function drawMeter() {
  const bars = $('meter').children;
  player.levels().forEach((level, side) => {
    const db = 20 * Math.log10(Math.max(level, 1e-6));
    const share = Math.max(0, Math.min(1, 1 + db / METER_DB));
    // Falls by a full scale in about a second and a half.
    shownLevels[side] = Math.max(share, shownLevels[side] - 0.011);
    bars[side].style.clipPath = `inset(0 ${(100 - 100 * shownLevels[side]).toFixed(1)}% 0 0)`;
  });
}

let animating = false;

/** Moves playheads, lights and meter as long as there is something to show. */
function animate() {
  if (animating) return;
  animating = true;
  const frame = () => {
    drawClock();
    drawMeter();
    for (const voice of player.voices) {
      const at = voice.position;
      const { row } = voice.item;
      row.classList.toggle('waiting', at === null);
      row.querySelector('.wave').style.setProperty('--at', at ?? 0);
    }
    animating = player.voices.length > 0 || shownLevels.some(level => level > 0);
    if (animating) requestAnimationFrame(frame);
  };
  requestAnimationFrame(frame);
}

// ---------------------------------------------------------------- settings

/** Settings are kept where the browser lets a page from a file keep them. */
const settings = {
  read(name) {
    try { return localStorage.getItem(`riffsmith.${name}`); } catch { return null; }
  },
  write(name, value) {
    try { localStorage.setItem(`riffsmith.${name}`, value); } catch { /* Not kept. */ }
  },
};

function setTheme(theme) {
  if (theme !== 'light' && theme !== 'dark') return;
  $('light').media = theme === 'light' ? 'all' : 'not all';
  document.documentElement.style.colorScheme = theme;
}

function isLight() {
  return matchMedia($('light').media || 'all').matches;
}

function setVolume(value) {
  const volume = Math.max(0, Math.min(1, Number(value)));
  if (!Number.isFinite(volume)) return;
  $('volume').value = volume;
  $('volume').style.setProperty('--at', volume);
  player.setVolume(volume);
}

// ---------------------------------------------------------------- all together

function build() {
  setTheme(settings.read('theme'));
  setVolume(settings.read('volume') ?? 0.8);
  buildHead();
  $('rows').append(...items.map(buildRow));
  for (const item of items) onSight.observe(item.row);
  for (const facet of facets) buildFacet(facet);
  buildTempo();
  demo = buildFacts();
  setCurrent(items[0]);
  sortBy('order', false);
  showBeats();

  document.addEventListener('keydown', onKey);
  $('rows').addEventListener('click', onRowClick);
  $('rows').addEventListener('focusin', event => setCurrent(event.target.closest('.row').item));
  $('search').oninput = () => setSearch($('search').value);
  $('clear').onclick = clearFilters;
  $('nothing-clear').onclick = () => {
    setSearch('');
    clearFilters();
    $('search').focus();
  };
  $('filters-open').onclick = () => showFilters(true);
  $('filters-close').onclick = () => showFilters(false);
  $('stop').onclick = () => player.stopAll();
  $('volume').oninput = () => {
    setVolume($('volume').value);
    settings.write('volume', $('volume').value);
  };
  $('theme').onclick = () => {
    const theme = isLight() ? 'dark' : 'light';
    setTheme(theme);
    settings.write('theme', theme);
  };
  $('help-open').onclick = () => $('help').showModal();
  performance.mark('ready');
}

build();
