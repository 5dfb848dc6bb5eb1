/**
 * A copy of an object's own members, without a prototype. The page reads options and messages from such a copy, so that members that another
 * script added to `Object.prototype` have no effect.
 */
export function own<T extends object>(value: T): T {
  return Object.assign(Object.create(null) as T, value);
}
