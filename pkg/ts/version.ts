/** The version of the package. Page and vault compare theirs: two that differ do not talk past each other. */
export const VERSION = "0.1.0";
