// Package docs keeps the documents true. Its tests run the commands that README.md
// and docs show, against a real server, and compare the answers with those that the text
// promises. They hold tables of names and numbers to the code, and links to their ends.
package docs
