// Shown until the sign-in has ended, and if the callback belongs to no login.
export { default } from "../page";
