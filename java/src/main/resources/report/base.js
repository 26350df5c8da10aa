'use strict';
// What all parts of the page use: elements, numbers, ticks, colours.

const DATA = JSON.parse(document.getElementById('data').textContent);

const SVG = 'http://www.w3.org/2000/svg';

function fill(node, attributes, children) {
  for (const [name, value] of Object.entries(attributes || {})) {
    if (name.startsWith('on')) {
      node.addEventListener(name.slice(2), value);
    } else if (value !== null && value !== undefined && value !== false) {
      node.setAttribute(name, value === true ? '' : value);
    }
  }
  // Texts become text nodes, never markup: names of classes and files are anybody's.
  node.append(...children.flat(Infinity).filter((c) => c !== null && c !== undefined && c !== false));
  return node;
}

function el(tag, attributes, ...children) {
  return fill(document.createElement(tag), attributes, children);
}

function svg(tag, attributes, ...children) {
  return fill(document.createElementNS(SVG, tag), attributes, children);
}

// ---- numbers -------------------------------------------------------------------------------------

const THIN = '\u202f';
const isNumber = (value) => typeof value === 'number' && Number.isFinite(value);

function grouped(value) {
  return isNumber(value) ? Math.round(value).toString().replace(/\B(?=(\d{3})+(?!\d))/g, ',') : '–';
}

function fixed(value, digits) {
  return isNumber(value) ? value.toFixed(digits) : '–';
}

function percent(share, digits = 1) {
  return isNumber(share) ? (100 * share).toFixed(digits) + THIN + '%' : '–';
}

/** At most four significant digits, without needless zeros: 0.0125, 1.5e-5. */
function plain(value) {
  if (!isNumber(value)) {
    return '–';
  }
  const size = Math.abs(value);
  if (size !== 0 && (size < 1e-4 || size >= 1e6)) {
    return value.toExponential(2).replace(/\.?0+e/, 'e').replace('-', '−').replace('e+', 'e');
  }
  return String(Number(value.toPrecision(4))).replace('-', '−');
}

/** Two digits and a power of ten: values that span decades in one column. */
function scientific(value) {
  return isNumber(value) ? value.toExponential(1).replace('e-', 'e−').replace('e+', 'e') : '–';
}

function byteSize(bytes) {
  if (bytes < 1048576) {
    return (bytes / 1024).toFixed(1) + THIN + 'KiB';
  }
  return bytes < 1073741824 ? (bytes / 1048576).toFixed(1) + THIN + 'MiB' : (bytes / 1073741824).toFixed(1) + THIN + 'GiB';
}

function short(value) {
  for (const [size, letter] of [[1e9, 'G'], [1e6, 'M'], [1e3, 'k']]) {
    if (value >= size) {
      return String(Number((value / size).toPrecision(3))) + THIN + letter;
    }
  }
  return String(value);
}

function duration(seconds) {
  if (!isNumber(seconds)) {
    return '–';
  }
  const two = (n) => String(Math.floor(n)).padStart(2, '0');
  if (seconds < 60) {
    return seconds.toFixed(seconds < 10 ? 1 : 0) + THIN + 's';
  }
  if (seconds < 3600) {
    return Math.floor(seconds / 60) + ':' + two(seconds % 60) + THIN + 'min';
  }
  return Math.floor(seconds / 3600) + ':' + two((seconds / 60) % 60) + THIN + 'h';
}

function median(values) {
  const sorted = values.filter(isNumber).sort((a, b) => a - b);
  return sorted.length ? sorted[Math.floor(sorted.length / 2)] : NaN;
}

// ---- ticks ---------------------------------------------------------------------------------------

/** Round values (1, 2 or 5 times a power of ten) from below low to above high. */
function linearTicks(low, high, count, whole) {
  const span = high - low || Math.abs(high) || 1;
  const power = Math.pow(10, Math.floor(Math.log10(span / count)));
  let step = [1, 2, 5, 10].map((m) => m * power).find((s) => span / s <= count);
  step = whole ? Math.max(1, Math.round(step)) : step;
  const ticks = [];
  for (let i = Math.floor(low / step + 1e-9); i <= Math.ceil(high / step - 1e-9); i++) {
    ticks.push(Number((i * step).toPrecision(12)));
  }
  return ticks;
}

/** Powers of ten, with 2 and 5 between them where there is room. */
function logTicks(low, high) {
  const decades = Math.log10(high / low);
  const marks = decades > 4 ? [1] : decades > 1.6 ? [1, 3] : decades > 0.7 ? [1, 2, 5] : [1, 1.5, 2, 3, 4, 5, 6, 8];
  const ticks = [];
  for (let p = Math.floor(Math.log10(low)) - 1; p <= Math.ceil(Math.log10(high)); p++) {
    for (const mark of marks) {
      const value = mark * Math.pow(10, p);
      if (value >= low * 0.999 && value <= high * 1.001) {
        ticks.push(Number(value.toPrecision(6)));
      }
    }
  }
  return ticks;
}

// ---- parts of pages ------------------------------------------------------------------------------

const COLOURS = 8;
const colour = (i) => 'var(--c' + (i % COLOURS) + ')';
const towerName = (i) => String.fromCharCode(97 + i);
const towerColour = (i) => 'var(--tower' + (i % 4) + ')';

/** A row of buttons of which one is pressed. */
function choice(label, options, value, change) {
  const group = el('div', {class: 'switch', role: 'group', 'aria-label': label});
  for (const [key, text] of options) {
    group.append(el('button', {
      type: 'button', 'data-value': key, 'aria-pressed': String(key === value),
      onclick: () => {
        for (const other of group.children) {
          other.setAttribute('aria-pressed', String(other.dataset.value === key));
        }
        change(key);
      },
    }, text));
  }
  return group;
}

function section(id, title, note, ...content) {
  return el('section', {id, 'aria-labelledby': id + '-title'},
    el('h2', {id: id + '-title'}, title),
    note && el('p', {class: 'note'}, note),
    content);
}

/** A table in a box that scrolls sideways where the page is narrow. */
function table(headings, rows, options = {}) {
  const numeric = headings.map((_, c) => rows.every((r) => typeof r[c] !== 'string' || /^$|^[-+−–.\d]/.test(r[c])));
  numeric[0] = false;
  if (options.texts) { numeric.fill(false); }
  const cell = (value, c, tag) => el(tag, {class: numeric[c] && 'number', scope: tag === 'th' && 'row'}, value);
  return el('div', {class: 'scroll', tabindex: 0, role: 'region', 'aria-label': options.label || headings[0]},
    el('table', {class: options.class},
      el('thead', {}, el('tr', {}, headings.map((h, c) => el('th', {scope: 'col', class: numeric[c] && 'number'}, h)))),
      el('tbody', {}, rows.map((row) => el('tr', {}, row.map((v, c) => cell(v, c, c === 0 ? 'th' : 'td')))))));
}

function missing(text, command) {
  return el('p', {class: 'missing'}, text, command && el('code', {}, command));
}
