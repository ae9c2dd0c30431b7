// Arrow keys on a map: the next target in a direction. `places` and `els` of a map are its positions and elements by target.
const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
const neighbour = (map, id, [ux, uy]) => {
  const [x, y] = map.places[id];
  let best = null;
  let least = Infinity;
  for (const other in map.els) {
    const [dx, dy] = [map.places[other][0] - x, map.places[other][1] - y];
    const along = dx * ux + dy * uy;
    const cost = along + 3 * Math.abs(dx * uy - dy * ux);
    if (along > 0.01 && cost < least) [best, least] = [other, cost];
  }
  return best;
};
