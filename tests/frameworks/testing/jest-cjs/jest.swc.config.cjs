/** @type {import("jest").Config} */
module.exports = {
  testEnvironment: "jest-fixed-jsdom",
  // The package has ES modules only, so it is transformed too.
  transformIgnorePatterns: ["/node_modules/(?!wristband-spa-auth/)"],
  transform: {
    "\\.[jt]sx?$": ["@swc/jest", { jsc: { parser: { syntax: "typescript", tsx: true }, transform: { react: { runtime: "automatic" } } } }],
  },
};
