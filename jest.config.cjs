/** Tests go through the package as its users see it. */
module.exports = {
  testMatch: ['<rootDir>/__test__/**/*.test.ts'],
  testEnvironment: '<rootDir>/__test__/support/environment.cjs',
  transform: { '\\.ts$': 'babel-jest' },
  testTimeout: 60_000,
  modulePathIgnorePatterns: ['<rootDir>/target/', '<rootDir>/npm/'],
}
