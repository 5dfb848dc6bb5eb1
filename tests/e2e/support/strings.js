// Finds the strings in a page's values.

/**
 * Gives a page `stringsOf`, for the scripts of tests. Runs in the page before anything else there, and uses nothing that another script
 * could replace later.
 */
export function installStringsOf() {
  const { apply, getOwnPropertyDescriptor, getPrototypeOf, ownKeys } = Reflect;
  const [Buffer, Bytes] = [ArrayBuffer, Uint8Array];
  const { isView } = ArrayBuffer;
  const latin1 = new TextDecoder('latin1');
  const { decode } = TextDecoder.prototype;
  const entries = [Headers, URLSearchParams, FormData, Map, Set].map((Class) => [Class, Class.prototype.entries]);
  const getters = [[Request, ['url', 'method', 'headers', 'referrer']], [Response, ['url', 'statusText', 'headers']],
    [URL, ['href']], [MessageEvent, ['data']], [WebAssembly.Memory, ['buffer']]]
    .map(([Class, names]) => [Class, names.map((name) => getOwnPropertyDescriptor(Class.prototype, name).get)]);

  /**
   * Every string in a value: in its members, in its bytes, in its entries. It stops after `most` objects. With `inherited` the members of
   * its prototypes are included.
   */
  window.stringsOf = (value, { most = 500, inherited = false } = {}) => {
    const [texts, seen, queue] = [new Set(), new Set(), []];
    const take = (found) => {
      if (typeof found === 'string') texts.add(found);
      else if (typeof found === 'symbol') texts.add(String(found));
      else if ((typeof found === 'object' && found !== null) || typeof found === 'function') queue[queue.length] = found;
    };
    const attempt = (work) => {
      try {
        work();
      } catch {
        // What cannot be read here cannot be read by any script.
      }
    };
    take(value);
    for (let at = 0; at < queue.length && seen.size < most; at += 1) {
      const thing = queue[at];
      if (seen.has(thing)) continue;
      seen.add(thing);
      if (thing instanceof Buffer || isView(thing)) {
        attempt(() => take(apply(decode, latin1, [isView(thing) ? new Bytes(thing.buffer, thing.byteOffset, thing.byteLength) : thing])));
        continue;
      }
      for (const [Class, list] of entries) {
        if (thing instanceof Class) attempt(() => { for (const [key, member] of apply(list, thing, [])) { take(key); take(member); } });
      }
      for (const [Class, gets] of getters) if (thing instanceof Class) for (const get of gets) attempt(() => take(apply(get, thing, [])));
      // The getters of a prototype are meant for what inherits from it.
      const isPrototype = thing !== window && getOwnPropertyDescriptor(thing, 'constructor')?.value?.prototype === thing;
      for (let owner = thing; owner && (owner === thing || inherited); owner = getPrototypeOf(owner)) {
        if (owner !== thing) take(owner);
        for (const key of ownKeys(owner)) {
          // Reading one member can remove another one.
          const { value: member, get } = getOwnPropertyDescriptor(owner, key) ?? {};
          take(key);
          if (!get) take(member);
          else if (!isPrototype) attempt(() => take(apply(get, thing, [])));
        }
      }
    }
    return [...texts];
  };
}
