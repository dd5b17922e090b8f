/**
 * From files of text to token files: which files, which records, which part trains and which validates.
 * Start with {@link inkling.data.source.Corpus}.
 * It must not know arrays or models.
 */
package inkling.data.source;
