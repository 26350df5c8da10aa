// Puts the page together.

const STATE = {run: 0, dark: null};

// ---- colours -------------------------------------------------------------------------------------

function themeSwitch() {
  const set = (value) => {
    if (value === 'auto') {
      delete document.documentElement.dataset.theme;
    } else {
      document.documentElement.dataset.theme = value;
    }
  };
  const group = choice('Colours', [['auto', 'Auto'], ['light', 'Light'], ['dark', 'Dark']], 'auto', set);
  document.getElementById('theme').replaceWith(group);
  group.id = 'theme';
}

// ---- head ----------------------------------------------------------------------------------------

function tile(value, name, more) {
  return el('div', {class: 'tile'}, el('div', {class: 'tile-name'}, name), el('div', {class: 'tile-value'}, value), el('div', {class: 'tile-more'}, more || '\u00a0'));
}

function tiles(run) {
  const {history} = run;
  const test = history.test;
  const perEpoch = stepsPerEpoch(run);
  const last = lastOf(test.step);
  const after = isNumber(last) ? `after step ${grouped(last + 1)}` : 'not evaluated yet';
  const best = test.top1Error.filter(isNumber);
  const least = Math.min(...best);
  return el('div', {class: 'tiles'},
    tile(percent(lastOf(test.top1Error)), 'Held-out top-1 error', best.length > 1 && least < lastOf(test.top1Error) ? `${after}; lowest ${percent(least)}` : after),
    tile(percent(lastOf(test.top5Error)), 'Held-out top-5 error', after),
    tile(fixed(lastOf(test.loss), 4), 'Held-out loss', 'mean log-loss, nats'),
    tile(grouped(history.steps), 'Steps', perEpoch ? `${plain(Number((history.steps / perEpoch).toFixed(2)))} of ${run.epochs} epochs` : `${run.epochs} epochs asked for`),
    tile(plain(Number(median(history.train.imagesPerSecond).toPrecision(3))), 'Images per second', 'median, loading included'),
    tile(duration(history.seconds), 'Training time', `${grouped(history.images)} images`));
}

function summary(run) {
  const parts = [];
  if (run.plan) {
    parts.push(`${run.plan.towers === 1 ? 'one tower' : run.plan.towers === 2 ? 'two towers' : run.plan.towers + ' towers'}`,
      `${grouped(run.plan.parameters)} parameters`, `batch ${run.plan.batch}`);
  }
  if (run.environment) {
    parts.push(`on ${run.environment.devices.replace(/[[\]]/g, '')}`, `seed ${run.environment.seed}`);
  }
  return parts.join(' · ');
}

function head() {
  const several = DATA.runs.length > 1;
  const run = DATA.runs[0];
  return el('div', {class: 'head', id: 'overview'},
    el('h1', {}, several ? `${DATA.runs.length} runs together` : run.name),
    el('p', {class: 'lead'}, several ? DATA.runs.map((r) => r.name).join(', ') : [el('b', {}, run.network), ' · ', summary(run)]),
    !several && tiles(run));
}

// ---- sections of one run -------------------------------------------------------------------------

const OF_RUN = [filtersSection, guessesSection, neighboursSection, confusionSection, layersSection, mapsSection, normsSection, timelineSection, exchangeSection, configurationSection, environmentSection];

function runSections(place) {
  const run = DATA.runs[STATE.run];
  place.replaceChildren(...OF_RUN.map((make) => guarded(make, run)));
}

/** One part that cannot be shown must not take the others with it. */
function guarded(make, run) {
  try {
    return make(run);
  } catch (e) {
    console.error(make.name, e);
    return el('section', {}, el('p', {class: 'missing'}, `This part cannot be shown: ${e.message}`));
  }
}

function picker(place) {
  const options = DATA.runs.map((r, i) => [String(i), r.name]);
  return el('div', {class: 'controls picker'}, el('div', {}, el('span', {}, 'Details of'), choice('Run', options, '0', (v) => {
    STATE.run = Number(v);
    runSections(place);
  })));
}

const NAMES = {runs: 'Runs', differences: 'Differences', curves: 'Curves', filters: 'Filters', guesses: 'Guesses', neighbours: 'Neighbours',
  confusion: 'Confusion', layers: 'Layers', maps: 'Maps', norms: 'Norms', timeline: 'Timeline', exchange: 'Exchange', configuration: 'Configuration', environment: 'Environment'};

function navigation() {
  const nav = document.getElementById('nav');
  const ids = [...document.querySelectorAll('main section[id]')].map((s) => s.id).filter((id) => NAMES[id]);
  nav.replaceChildren(...ids.map((id) => el('a', {href: '#' + id}, NAMES[id])));
}

function build() {
  themeSwitch();
  const main = document.getElementById('main');
  const details = el('div', {id: 'details'});
  const several = DATA.runs.length > 1;
  main.append(head());
  if (several) {
    main.append(runsSection(), differencesSection());
  }
  main.append(guarded(curvesSection));
  if (several) {
    main.append(picker(details));
  }
  main.append(details);
  runSections(details);
  navigation();
  const found = DATA.runs.map((r) => r.findings).filter(Boolean);
  const cost = found.length ? ` Looking into the network took ${fixed(found.reduce((s, f) => s + f.seconds, 0), 1)} s, after training.` : '';
  document.getElementById('footer').append(el('p', {}, `Written ${DATA.written.replace('T', ' ').replace('Z', ' UTC')} by alexnet4j. The file needs nothing else and loads nothing.${cost}`));
  document.body.dataset.ready = 'true';
}

build();
