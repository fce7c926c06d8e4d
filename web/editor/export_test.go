//go:build !js

package main

// Run is run, for tests.
var Run = run

// InputsOf is inputsOf, for tests.
var InputsOf = inputsOf
