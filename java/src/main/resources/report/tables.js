// Exchange, configuration, environment, comparison.

// ---- exchange ------------------------------------------------------------------------------------

/** What a session measured of a movement; null for a run that measured nothing. */
function measured(run, transfer) {
  const log = run.exchange;
  const direction = transfer.direction.toLowerCase();
  return log && log.transfers.find((t) => t.layer === transfer.layer && t.direction === direction && t.plane === transfer.plane
    && t.from === towerName(transfer.from) && t.to === towerName(transfer.to));
}

function exchangeSection(run) {
  const {plan} = run;
  if (!plan || !plan.exchange.length) {
    return section('exchange', 'What crosses between towers', null, el('p', {class: 'missing'}, 'One tower: nothing crosses.'));
  }
  const most = Math.max(...plan.exchange.map((t) => t.bytes));
  const bytes = (transfer) => el('div', {class: 'way'},
    el('span', {class: 'track'}, el('i', {style: `width:${100 * transfer.bytes / most}%;background:${towerColour(transfer.from)}`})),
    el('span', {class: 'value'}, grouped(transfer.bytes)));
  const rows = plan.exchange.map((transfer) => {
    const time = measured(run, transfer);
    const known = (value, text) => (time ? text(value(time)) : '–');
    return [transfer.plane, transfer.layer, transfer.direction.toLowerCase(), `${towerName(transfer.from)} → ${towerName(transfer.to)}`, bytes(transfer),
      known((t) => t.micros, duration2), known((t) => t.gigabytesPerSecond, (v) => fixed(v, 2)), known((t) => t.hiddenShare, percent), known((t) => t.waitMicros, duration2)];
  });
  const total = plan.exchange.reduce((sum, t) => sum + t.bytes, 0);
  rows.push(['all', '', '', '', el('div', {class: 'way'}, el('span'), el('span', {class: 'value'}, grouped(total))), '', '', '', '']);
  const about = run.exchange ? ` Times are means over ${grouped(run.exchange.steps)} steps on ${run.environment ? run.environment.devices.replace(/[[\]]/g, '') : 'devices unknown'}: from the first byte to the last, at which rate, how much of that the receiving tower was computing meanwhile, and how long it then stood still, the other tower's delay included.` : '';
  return section('exchange', 'What crosses between towers',
    `Bytes of a training step with ${grouped(plan.batch)} images: activations forward, their gradients backward. Weights never cross.${about}`,
    table(['Plane', 'for', 'direction', 'way', 'Bytes', 'Time', 'GB/s', 'Hidden', 'Waited'], rows, {class: 'exchange', label: 'Exchange', texts: true}));
}

function duration2(micros) {
  return micros >= 1000 ? plain(Number((micros / 1000).toPrecision(3))) + THIN + 'ms' : plain(Number(micros.toPrecision(2))) + THIN + 'µs';
}

// ---- configuration -------------------------------------------------------------------------------

function networkTable(plan) {
  const total = (key) => plan.layers.reduce((sum, l) => sum + l[key], 0);
  const towers = (n) => Array.from({length: n}, (_, i) => towerName(i)).join(', ');
  const rows = plan.layers.map((l) => [l.name, l.kind, `${l.output.h} × ${l.output.w} × ${l.output.c}`, towers(l.outputTowers),
    l.parameters ? grouped(l.parameters) : '', l.macs ? grouped(l.macs) : '']);
  rows.push(['all', '', '', '', grouped(total('parameters')), grouped(total('macs'))]);
  return table(['Layer', 'Kind', 'Output per tower', 'Towers', 'Parameters', 'Multiply-adds per image'], rows, {class: 'network', label: 'Network'});
}

function configurationSection(run) {
  const settings = Object.entries(run.settings).filter(([name]) => /^(training|augmentation|seed)/.test(name) || /^network\.(towers|input|source|mean)$/.test(name));
  return section('configuration', 'Configuration', null,
    el('div', {class: 'split'},
      run.plan && networkTable(run.plan),
      el('dl', {class: 'facts'}, settings.map(([name, value]) => [el('dt', {}, name), el('dd', {}, value)]))),
    el('details', {}, el('summary', {}, 'config.yaml, as it was resolved'), el('pre', {}, run.configuration)));
}

function environmentSection(run) {
  const env = run.environment;
  if (!env) {
    return section('environment', 'Environment', null, missing('The run folder has no env.json.'));
  }
  const rows = [];
  const walk = (prefix, value) => {
    if (Array.isArray(value) && value.some((v) => v && typeof v === 'object')) {
      // One line for each: a name per field and item would be a page of its own.
      rows.push([prefix, value.map((item) => el('div', {}, Object.entries(item).map(([key, v]) => fact(key, v)).join(' · ')))]);
    } else if (value && typeof value === 'object' && !Array.isArray(value) && Object.keys(value).length) {
      Object.entries(value).forEach(([key, v]) => walk(prefix ? `${prefix} ${key}` : key, v));
    } else {
      rows.push([prefix, valueText(value)]);
    }
  };
  walk('', env);
  return section('environment', 'Environment', 'Where, from what and how the run was made.',
    el('dl', {class: 'facts wide'}, rows.map(([name, value]) => [el('dt', {}, words(name)), el('dd', {}, value)])));
}

/** A value as people write it. */
function valueText(value) {
  if (value === null) {
    return 'unknown';
  }
  const text = Array.isArray(value) ? value.join(' ') : String(value && typeof value === 'object' ? '' : value);
  const [, kibibytes] = text.match(/^(\d+) kB$/) || [];
  return kibibytes ? byteSize(1024 * kibibytes) : text.replace(/^(\d{4}-\d\d-\d\d)T([\d:]+)(\.\d+)?Z$/, '$1 $2 UTC') || 'none';
}

function fact(name, value) {
  const bytes = /_?bytes$/i;
  return bytes.test(name) ? `${words(name.replace(bytes, ''))} ${byteSize(Number(value))}` : `${words(name)} ${valueText(value)}`;
}

/** camelCase and snake_case as words. */
function words(name) {
  return name.replace(/_/g, ' ').replace(/([a-z])([A-Z])/g, (_, a, b) => a + ' ' + b.toLowerCase()).replace(/sha256/i, 'SHA-256').replace(/\bSha/, 'SHA');
}

// ---- several runs --------------------------------------------------------------------------------

function lastOf(values) {
  return values.length ? values[values.length - 1] : NaN;
}

function bestOf(rows, key) {
  const known = rows.map((r) => r[key]).filter(isNumber);
  return known.length > 1 ? Math.min(...known) : NaN;
}

function runsSection() {
  const rows = DATA.runs.map((run) => ({
    run, loss: lastOf(run.history.test.loss), top1: lastOf(run.history.test.top1Error), top5: lastOf(run.history.test.top5Error),
  }));
  const cell = (row, key, text) => (row[key] === bestOf(rows, key) ? el('b', {}, text) : text);
  const body = rows.map((row, i) => [
    el('span', {class: 'run-name'}, el('i', {style: `background:${colour(i)}`}), row.run.name), row.run.network,
    grouped(row.run.history.steps), cell(row, 'top1', percent(row.top1)), cell(row, 'top5', percent(row.top5)), cell(row, 'loss', fixed(row.loss, 4)),
    fixed(median(row.run.history.train.imagesPerSecond), 1), duration(row.run.history.seconds)]);
  return section('runs', 'Runs', 'Held-out values are those of the last evaluation; the best of each column is bold.',
    table(['Run', 'Network', 'Steps', 'Top-1 error', 'Top-5 error', 'Loss', 'Images/s', 'Time'], body, {label: 'Runs'}));
}

function differencesSection() {
  const rows = DATA.differences.map((d) => [el('code', {}, d.name), ...d.values.map((v) => v || el('span', {class: 'none'}, 'not set'))]);
  const content = rows.length
    ? table(['Setting', ...DATA.runs.map((r) => r.name)], rows, {class: 'differences', label: 'Settings that differ', texts: true})
    : el('p', {class: 'missing'}, 'None: configuration, seed, data and machine are the same.');
  return section('differences', 'Settings that differ', null, content);
}
