// Plots as SVG that looks the same in a browser, in a README and on paper: selectable text, light or dark as the reader prefers. The letters
// are large because a phone shows the picture at half its width.

const WIDTH = 720;
const EDGE = 24;
const COLOURS = 6;

const STYLE = `
  svg { font: 20px system-ui, sans-serif; background: #fff; color: #1f2328 }
  text { fill: currentColor } .quiet { fill: #59636e } .title { font-size: 25px; font-weight: 600 } .strong { font-weight: 700 }
  .grid { stroke: #d1d9e0; stroke-width: 1 } .axis { stroke: #59636e; stroke-width: 2 }
  .line { fill: none; stroke-width: 4; stroke-linejoin: round; stroke-linecap: round }
  .c0 { --c: #0969da } .c1 { --c: #bc4c00 } .c2 { --c: #1a7f37 } .c3 { --c: #8250df } .c4 { --c: #bf3989 } .c5 { --c: #6e7781 }
  .line { stroke: var(--c) } .point, .bar { fill: var(--c) }
  @media (prefers-color-scheme: dark) {
    svg { background: #0d1117; color: #e6edf3 } .quiet { fill: #9198a1 } .grid { stroke: #3d444d } .axis { stroke: #9198a1 }
    .c0 { --c: #58a6ff } .c1 { --c: #f0883e } .c2 { --c: #3fb950 } .c3 { --c: #bc8cff } .c4 { --c: #ff7bce } .c5 { --c: #8b949e }
  }`;

const escaped = (text) => String(text).replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
const round = (number) => Math.round(number * 10) / 10;

/** A number for readers, with its significant digits. */
export function written(number) {
  const size = Math.abs(number);
  let digits = 0;
  if (size > 0 && size < 100) digits = size < 1 ? 2 : 1;
  return number.toLocaleString('en', { maximumFractionDigits: digits });
}

function text(x, y, words, { anchor = 'start', kind = '' } = {}) {
  return `<text x="${round(x)}" y="${round(y)}" text-anchor="${anchor}" class="${kind}">${escaped(words)}</text>`;
}

const stroke = (from, to, kind) => `<line x1="${round(from[0])}" y1="${round(from[1])}" x2="${round(to[0])}" y2="${round(to[1])}" class="${kind}"/>`;

/** The approximate width of a text. Nothing here can measure it. */
const widthOf = (words, size = 20) => String(words).length * size * 0.56;

/** Words in lines that are no wider than the picture. */
function wrapped(words, size) {
  const lines = [''];
  for (const word of words.split(' ')) {
    const longer = `${lines.at(-1)} ${word}`.trim();
    if (lines.at(-1) && widthOf(longer, size) > WIDTH - 2 * EDGE) lines.push(word);
    else lines[lines.length - 1] = longer;
  }
  return lines;
}

/** The title in as many lines as needed, and how far down it reaches. */
function heading(title) {
  const lines = wrapped(title, 26);
  return { parts: lines.map((line, index) => text(EDGE, 38 + index * 32, line, { kind: 'title' })), bottom: 38 + (lines.length - 1) * 32 };
}

function picture(title, height, parts) {
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${Math.ceil(height)}" role="group" aria-label="${escaped(title)}">
<title>${escaped(title)}</title>
<style>${STYLE}
</style>
${parts.join('\n')}
</svg>
`;
}

/** About five round numbers from zero to beyond the largest. */
function ticks(largest) {
  const rough = (largest || 1) / 4;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 2.5, 5, 10].map((factor) => factor * power).find((candidate) => candidate >= rough);
  const count = Math.ceil((largest || 1) / step);
  return Array.from({ length: count + 1 }, (_, index) => index * step);
}

const labelled = ({ label, unit }) => (unit ? `${label}, ${unit}` : label);

/** The names of the series next to their colours, in as many rows as needed. */
function legend(series, top) {
  const parts = [];
  let [x, y] = [EDGE, top];
  for (const [index, { name }] of series.entries()) {
    const width = 38 + widthOf(name);
    if (x > EDGE && x + width > WIDTH - EDGE) [x, y] = [EDGE, y + 30];
    parts.push(`<circle cx="${round(x + 9)}" cy="${round(y - 7)}" r="8" class="point c${index % COLOURS}"/>`, text(x + 25, y, name));
    x += width + 12;
  }
  return { parts, bottom: y };
}

/**
 * Lines with points, from zero on both axes. `x` and `y` are `{ label, unit }`; a series is `{ name, points: [[x, y], …] }`.
 */
export function lines({ title, x, y, series }) {
  const head = heading(title);
  const names = legend(series, head.bottom + 40);
  const points = series.flatMap((one) => one.points);
  const [xs, ys] = [0, 1].map((axis) => ticks(Math.max(...points.map((point) => point[axis]))));
  const left = EDGE + Math.max(...ys.map((tick) => widthOf(written(tick)))) + 12;
  const [top, right] = [names.bottom + 62, WIDTH - EDGE - widthOf(written(xs.at(-1))) / 2];
  const bottom = top + 300;
  const place = ([a, b]) => [left + (a / xs.at(-1)) * (right - left), bottom - (b / ys.at(-1)) * (bottom - top)];
  const parts = [...head.parts, ...names.parts, text(EDGE, top - 24, labelled(y), { kind: 'quiet' })];
  for (const tick of ys) {
    parts.push(stroke(place([0, tick]), place([xs.at(-1), tick]), 'grid'), text(left - 12, place([0, tick])[1] + 7, written(tick), { anchor: 'end' }));
  }
  for (const tick of xs) parts.push(text(place([tick, 0])[0], bottom + 30, written(tick), { anchor: 'middle' }));
  parts.push(stroke(place([0, 0]), place([xs.at(-1), 0]), 'axis'), text(right, bottom + 62, labelled(x), { anchor: 'end', kind: 'quiet' }));
  for (const [index, one] of series.entries()) {
    const places = one.points.map((point) => place(point).map(round));
    parts.push(`<polyline points="${places.map((at) => at.join(',')).join(' ')}" class="line c${index % COLOURS}"/>`);
    for (const [number, [cx, cy]] of places.entries()) {
      const told = `${one.name}: ${one.points[number].map(written).join(', ')}`;
      parts.push(`<circle cx="${cx}" cy="${cy}" r="6" class="point c${index % COLOURS}"><title>${escaped(told)}</title></circle>`);
    }
  }
  return picture(title, bottom + 84, parts);
}

/**
 * Bars from zero, the longest as wide as there is room. A row is `{ label, value }`, with `own` for this library's, and
 * `note` for a remark.
 */
export function bars({ title, unit, rows }) {
  const head = heading(title);
  const said = rows.map(({ value }) => [written(value), unit].filter(Boolean).join(' '));
  const room = WIDTH - 2 * EDGE - 12 - Math.max(...said.map((words) => widthOf(words)));
  const largest = Math.max(...rows.map(({ value }) => value)) || 1;
  const parts = [...head.parts];
  let y = head.bottom + 42;
  for (const [index, { label, value, own = false, note }] of rows.entries()) {
    const width = Math.max(2, (value / largest) * room);
    const kind = own ? 'strong' : '';
    parts.push(text(EDGE, y, label, { kind }));
    for (const line of note ? wrapped(note, 20) : []) {
      y += 27;
      parts.push(text(EDGE, y, line, { kind: 'quiet' }));
    }
    parts.push(`<rect x="${EDGE}" y="${y + 9}" width="${round(width)}" height="24" rx="3" class="bar ${own ? 'c0' : 'c5'}"/>`);
    parts.push(text(EDGE + width + 12, y + 28, said[index], { kind }));
    y += 72;
  }
  return picture(title, y - 16, parts);
}
