/**
 * Text files as people have them (gzip, zstd, UTF-16, binary files by mistake), read as strict UTF-8.
 * Start with {@link inkling.io.text.TextFiles}.
 * It must not know what the text is for.
 */
package inkling.io.text;
