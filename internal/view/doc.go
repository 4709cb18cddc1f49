// Package view is what a viewer sees of a room and a message: the rules, and the loaders that
// lists (Lens) and live frames (Loader) are made with.
package view
