/**
 * Reads text files as strict UTF-8. Corpora may also be in gzip, zstd, UTF-16 or UTF-32; binary files among them are refused, and the
 * message names the kind of file.
 * Start with {@link inkling.io.text.TextFiles}.
 * This package must not know what the text is for.
 */
package inkling.io.text;
