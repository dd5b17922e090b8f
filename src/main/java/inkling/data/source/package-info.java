/**
 * Turns files of text into token files. Decides which files and records are read, and which part trains and which validates.
 * Start with {@link inkling.data.source.Corpus}.
 * This package must not know NDArrays or models.
 */
package inkling.data.source;
