// Package hygiene holds the rules of the house that a compiler does not know, as
// tests over the source of the whole module: which package may know of which,
// and what no package may do. It has no code of its own.
package hygiene
