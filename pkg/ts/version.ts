/** The version of the package. The page refuses a vault of another version. */
export const VERSION = "0.1.0";
