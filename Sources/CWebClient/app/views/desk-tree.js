// A tree of units as a list whose order is that of each unit among its neighbours.

/** @returns {{unit: object, depth: number}[]} each unit before those below it */
export function flat(units, parent = null, depth = 0) {
    return units.filter((one) => one.parent === parent)
        .flatMap((unit) => [{ unit, depth }, ...flat(units, unit.id, depth + 1)]);
}

/** Whether one unit lies below another. */
export function isBelow(units, id, above) {
    for (let place = units.find((one) => one.id === id); place; place = units.find((one) => one.id === place.parent)) {
        if (place.parent === above) return true;
    }
    return false;
}

/** Changes places with the neighbour before or behind. @param {number} by -1 or 1 @returns {number} its place from 1; 0 at an edge */
export function move(units, unit, by) {
    const neighbours = units.filter((one) => one.parent === unit.parent);
    const other = neighbours[neighbours.indexOf(unit) + by];
    if (!other) return 0;
    const [one, two] = [units.indexOf(unit), units.indexOf(other)];
    [units[one], units[two]] = [other, unit];
    return neighbours.indexOf(unit) + by + 1;
}

/** Takes a unit out; what was below it goes one step up. */
export function takeOut(units, unit) {
    for (const one of units) if (one.parent === unit.id) one.parent = unit.parent;
    units.splice(units.indexOf(unit), 1);
}

/** What would change. @returns {{added: object[], renamed: object[], moved: object[], removed: object[], isAny: boolean}} */
export function changes(before, after) {
    const old = new Map(before.map((one) => [one.id, one])), kept = after.filter((one) => old.has(one.id));
    const order = before.filter((one) => kept.some((each) => each.id === one.id)).map((one) => one.id);
    const found = {
        added: after.filter((one) => !old.has(one.id)),
        renamed: kept.filter((one) => one.name !== old.get(one.id).name),
        moved: kept.filter((one, index) => one.parent !== old.get(one.id).parent || order[index] !== one.id),
        removed: before.filter((one) => !after.some((each) => each.id === one.id)),
    };
    return { ...found, isAny: Object.values(found).some((one) => one.length > 0) };
}
