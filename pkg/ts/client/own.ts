/**
 * A copy of an object's own members, without a prototype. What a page reads from options and from messages is read from such a copy: a member
 * that some other script added to `Object.prototype` is none of theirs.
 */
export function own<T extends object>(value: T): T {
  return Object.assign(Object.create(null) as T, value);
}
