/** @type {import("jest").Config} */
export default {
  // jsdom with the Request, Response and streams of Node, which jest-environment-jsdom leaves out.
  testEnvironment: "jest-fixed-jsdom",
  extensionsToTreatAsEsm: [".ts", ".tsx"],
  transform: {
    "\\.tsx?$": ["babel-jest", { presets: [["@babel/preset-env", { targets: { node: "current" }, modules: false }], "@babel/preset-typescript", ["@babel/preset-react", { runtime: "automatic" }]] }],
  },
};
