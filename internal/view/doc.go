// Package view is what a viewer sees of a message: the rules, and the one loader that lists
// and live frames are made with.
package view
