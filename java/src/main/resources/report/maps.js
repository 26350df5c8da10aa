// What the layers make of one image: maps, and what their strongest units see.

/** The window of the image with a frame around what a unit sees. */
function framed(maps, unit) {
  const share = (v) => (100 * v / maps.side).toFixed(2) + '%';
  return el('div', {class: 'framed'},
    el('img', {src: maps.picture, alt: ''}),
    el('i', {style: `left:${share(unit.left)};top:${share(unit.top)};width:${share(unit.right - unit.left)};height:${share(unit.bottom - unit.top)}`}));
}

function mapFigure(maps, layer, unit) {
  const place = `row ${unit.row}, column ${unit.column}`;
  return el('figure', {class: 'map', title: `rows ${unit.top} to ${unit.bottom - 1}, columns ${unit.left} to ${unit.right - 1} of the window`},
    el('img', {class: 'pixels', src: unit.picture, alt: `map ${unit.map} of ${layer.name}`}),
    layer.field < maps.side ? el('img', {class: 'seen', src: unit.seen, alt: `what the unit at ${place} sees`}) : framed(maps, unit),
    el('figcaption', {}, `map ${unit.map}: ${plain(Number(unit.value.toPrecision(3)))}`, el('span', {}, place)));
}

/** Runs for which nobody asked with an image have no such part. */
function mapsSection(run) {
  const {maps} = run;
  if (!maps) {
    return '';
  }
  return section('maps', 'What its layers make of an image',
    `${maps.image}, through its centre window of ${maps.side} pixels, with the weights of step ${grouped(maps.step)}. Of each layer the maps with the strongest units: on the left the map, from its lowest value in black to its highest in white, on the right what the strongest unit sees of the image.`,
    el('img', {class: 'window', src: maps.picture, alt: 'the window of the image'}),
    maps.layers.map((layer) => el('details', {open: layer.kind === 'relu'},
      el('summary', {}, `${layer.name}: ${layer.maps} maps of ${layer.rows} × ${layer.columns}, a unit sees ${layer.field} pixels along a side`),
      el('div', {class: 'maps'}, layer.shown.map((unit) => mapFigure(maps, layer, unit))))));
}
