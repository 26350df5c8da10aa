// What needs pictures: filters, guesses, neighbours, confusion.

const INSPECT = (run) => `./alexnet report ${run.name} --data DATA`;

// ---- filters -------------------------------------------------------------------------------------

/** On the page a filter is at least this wide, so that a narrow page has fewer columns than the sheet. */
const FILTER_PIXELS = 28;

function filterSheet(run, sheets, t, state) {
  const {size} = sheets;
  const sheet = sheets.towers[t];
  const cell = size + 1;
  const count = sheet.norms.length;
  const most = Math.min(count, sheets.columns);
  const line = el('span', {class: 'hint'}, '\u00a0');
  const picture = el('canvas', {class: 'pixels', role: 'img', 'aria-label': `${count} filters of ${sheets.layer}, tower ${towerName(t)}`});
  const frame = el('div', {class: 'sheet'}, picture);
  const source = new Image();
  let columns = 0;
  const draw = () => {
    if (!source.complete || !frame.clientWidth) {
      return;
    }
    columns = Math.max(1, Math.min(most, Math.floor(frame.clientWidth / (FILTER_PIXELS * cell / size))));
    picture.width = columns * cell - 1;
    picture.height = Math.ceil(count / columns) * cell - 1;
    const to = picture.getContext('2d');
    for (let k = 0; k < count; k++) {
      const [x, y] = [k % sheets.columns, Math.floor(k / sheets.columns)].map((v) => v * cell);
      to.drawImage(source, x, y, size, size, (k % columns) * cell, Math.floor(k / columns) * cell, size, size);
    }
    // Multiples of a half keep every pixel of a filter a square of the same size.
    const factor = Math.max(1, Math.floor(Math.min(frame.clientWidth, sheets.towers.length > 1 ? 720 : 1000) * 2 / picture.width) / 2);
    picture.style.width = Math.min(frame.clientWidth, picture.width * factor) + 'px';
  };
  source.addEventListener('load', draw);
  const show = () => { source.src = state.alike ? sheet.alike : sheet.each; };
  picture.addEventListener('pointermove', (e) => {
    const box = picture.getBoundingClientRect();
    const scale = picture.width / box.width;
    const k = Math.floor((e.clientY - box.top) * scale / cell) * columns + Math.floor((e.clientX - box.left) * scale / cell);
    line.textContent = k < count ? `filter ${t * count + k + 1}: norm ${plain(sheet.norms[k])}` : '\u00a0';
  });
  picture.addEventListener('pointerleave', () => { line.textContent = '\u00a0'; });
  new ResizeObserver(draw).observe(frame);
  state.show.push(show);
  show();
  const towers = sheets.towers.length > 1 ? `Tower ${towerName(t)}` : `All ${count} filters`;
  const device = deviceOf(run, t);
  return el('figure', {class: 'filters'},
    el('figcaption', {}, el('strong', {style: sheets.towers.length > 1 && `color:${towerColour(t)}`}, towers),
      el('span', {class: 'unit'}, `${device ? device + ', ' : ''}colour share ${percent(sheet.saturation, 0)}`), line), frame);
}

function deviceOf(run, tower) {
  const text = run.environment && run.environment.devices;
  const list = text ? text.replace(/[[\]\s]/g, '').split(',') : [];
  return list[tower] || '';
}

function filtersSection(run) {
  const sheets = run.filters;
  if (!sheets) {
    return section('filters', 'First-layer filters', null, missing('There is no checkpoint yet, or the first layer does not read RGB.'));
  }
  const state = {alike: false, show: []};
  const pick = choice('Contrast', [['each', 'each filter'], ['alike', 'all alike']], 'each', (v) => {
    state.alike = v === 'alike';
    state.show.forEach((show) => show());
  });
  const figures = sheets.towers.map((_, t) => filterSheet(run, sheets, t, state));
  return section('filters', 'First-layer filters',
    `${sheets.layer}: ${sheets.size} × ${sheets.size} × 3 weights each, after step ${grouped(run.filtersStep)}, as in Figure 3 of the paper. Zero is middle grey. Colour share is the part of the filters' energy that is not grey.`,
    el('div', {class: 'controls'}, el('div', {}, el('span', {}, 'Contrast'), pick)),
    el('div', {class: 'grid ' + (figures.length > 1 ? 'two' : '')}, figures));
}

// ---- guesses -------------------------------------------------------------------------------------

function thumbnail(picture, more = {}) {
  return el('img', {src: picture.picture, alt: picture.label, title: picture.name, class: 'thumb', ...more});
}

function example(item) {
  const bars = item.guesses.map((g) => el('li', {class: g.right && 'right', title: `${g.name}: ${percent(g.probability, 2)}`},
    el('span', {class: 'bar', style: `width:${Math.max(0.5, 100 * g.probability)}%`}),
    el('span', {class: 'name'}, g.name, g.right && el('b', {'aria-label': 'right'}, ' ✓')),
    el('span', {class: 'value'}, percent(g.probability, 1))));
  const first = item.guesses[0];
  return el('figure', {class: 'example'},
    el('figcaption', {}, thumbnail(item.image),
      el('div', {}, el('strong', {}, item.image.label),
        el('span', {class: first.right ? 'verdict' : 'verdict wrong'}, first.right ? 'recognised' : `taken for ${first.name}`),
        el('span', {class: 'file', title: item.image.name}, item.image.name.split('/').pop()))),
    el('ol', {}, bars));
}

function guessesSection(run) {
  const found = run.findings;
  if (!found) {
    return section('guesses', 'What it takes images for', null, missing('Needs images: ', INSPECT(run)));
  }
  return section('guesses', 'What it takes images for',
    `Held-out images with the five most probable classes, as in Figure 4 (left) of the paper; the true class is the title, and orange where it is among the five. They are one image each of classes at equal distances in the list, taken by this rule and not by hand. Of ${grouped(found.heldOutImages)} held-out images ${percent(found.top1Error)} were wrong${found.examples[0].guesses.length < 5 ? '' : `, ${percent(found.top5Error)} not among the first five`}.`,
    el('div', {class: 'examples'}, found.examples.map(example)));
}

// ---- neighbours ----------------------------------------------------------------------------------

function neighbourRow(item) {
  const cell = (picture, text, mark) => el('figure', {class: mark}, thumbnail(picture), el('figcaption', {title: picture.label}, text));
  return el('div', {class: 'neighbours'},
    cell(item.image, item.image.label, 'query'),
    item.nearest.map((n) => cell(n.image, [el('span', {class: 'klass'}, n.image.label), plain(Number(n.distance.toPrecision(3)))], n.sameClass ? 'same' : 'other')));
}

function neighboursSection(run) {
  const found = run.findings;
  if (!found) {
    return section('neighbours', 'What it finds alike', null, missing('Needs images: ', INSPECT(run)));
  }
  const all = found.neighbours.flatMap((n) => n.nearest);
  const same = all.filter((n) => n.sameClass).length;
  return section('neighbours', 'What it finds alike',
    `Each row: a held-out image, then those of ${grouped(found.trainImages)} training images that lie nearest to it by Euclidean distance in ${found.distanceLayer}, as in Figure 4 (right) of the paper. ${same} of these ${all.length} neighbours have the class of their image; the others have a dashed frame.`,
    found.neighbours.map(neighbourRow));
}

// ---- confusion -----------------------------------------------------------------------------------

function confusionCell(count, total, diagonal, title) {
  const share = total ? count / total : 0;
  const strong = share > 0.55;
  return el('td', {
    class: [diagonal ? 'diagonal' : '', strong ? 'strong' : ''].join(' ').trim() || null, title,
    style: count ? `--share:${(8 + 92 * Math.sqrt(share)).toFixed(0)}%` : null,
  }, count || el('span', {class: 'none'}, '·'));
}

/** The most frequent mistakes in words. */
function mistakes({classes, counts, others}) {
  const pairs = counts.flatMap((row, r) => row.map((n, c) => ({from: classes[r], to: classes[c], n, right: r === c, total: row.reduce((a, b) => a + b, others[r])})))
    .filter((p) => !p.right && p.n > 0).sort((a, b) => b.n - a.n).slice(0, 8);
  return el('div', {}, el('h3', {}, 'Most frequent mistakes'),
    pairs.length ? el('ol', {class: 'mistakes'}, pairs.map((p) => el('li', {}, el('b', {}, p.from), ' taken for ', el('b', {}, p.to), el('span', {class: 'none'}, ` ${p.n} of ${p.total}`))))
      : el('p', {class: 'note'}, 'None among these images.'));
}

function confusionSection(run) {
  const found = run.findings;
  if (!found) {
    return section('confusion', 'What it mixes up', null, missing('Needs images: ', INSPECT(run)));
  }
  const {classes, counts, others, hidden} = found.confusion;
  const head = el('tr', {}, el('td', {class: 'corner'}, 'true class ↓  taken for →'),
    classes.map((c) => el('th', {scope: 'col'}, el('span', {}, c))), hidden > 0 && el('th', {scope: 'col'}, el('span', {}, 'another class')));
  const rows = counts.map((row, r) => {
    const total = row.reduce((a, b) => a + b, 0) + others[r];
    return el('tr', {}, el('th', {scope: 'row'}, classes[r]),
      row.map((n, c) => confusionCell(n, total, r === c, `${classes[r]} taken for ${classes[c]}: ${n} of ${total}`)),
      hidden > 0 && confusionCell(others[r], total, false, `${classes[r]} taken for a class not shown: ${others[r]} of ${total}`));
  });
  const which = hidden > 0 ? `the ${classes.length} classes with the most mistakes, ${grouped(hidden)} others not shown` : 'all classes';
  return section('confusion', 'What it mixes up',
    `Counts of ${grouped(found.heldOutImages)} held-out images, ${which}. Right answers are framed; the stronger the colour, the larger the share of the row.`,
    el('div', {class: 'beside'},
      el('div', {class: 'scroll inset', tabindex: 0, role: 'region', 'aria-label': 'Confusion'}, el('table', {class: 'confusion'}, el('thead', {}, head), el('tbody', {}, rows))),
      mistakes(found.confusion)));
}
