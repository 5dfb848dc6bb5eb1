// What each file of an app's host may do: the strictest policies under which it works.

/** The policy of the present app: one for all of its files. */
export const headersOf = ({ site }) => () => ({ 'Content-Security-Policy': `${site.policy()}; ${site.reportTo}` });
