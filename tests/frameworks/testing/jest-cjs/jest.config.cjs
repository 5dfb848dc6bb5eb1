/** @type {import("jest").Config} */
module.exports = {
  // jsdom with the Request, Response and streams of Node, which jest-environment-jsdom leaves out.
  testEnvironment: "jest-fixed-jsdom",
  // The package has ES modules only, so it is transformed too.
  transformIgnorePatterns: ["/node_modules/(?!wristband-spa-auth/)"],
  transform: {
    "\\.[jt]sx?$": [
      "babel-jest",
      {
        presets: [["@babel/preset-env", { targets: { node: "current" } }], "@babel/preset-typescript", ["@babel/preset-react", { runtime: "automatic" }]],
        // CommonJS has no import.meta.
        plugins: ["babel-plugin-transform-import-meta"],
      },
    ],
  },
};
