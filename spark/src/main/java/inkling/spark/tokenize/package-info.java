/**
 * Turns a corpus into tokens on Spark. Start with {@link inkling.spark.tokenize.Tokenizing}, which counts words for a vocabulary and writes
 * a token file for each part of the corpus.
 * This package must not know training.
 */
package inkling.spark.tokenize;
