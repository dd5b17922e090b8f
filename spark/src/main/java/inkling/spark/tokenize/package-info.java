/**
 * A corpus made into tokens on Spark: {@link inkling.spark.tokenize.Tokenizing} (start here) counts words for a vocabulary and writes a
 * token file for each part of the corpus.
 * It must not know training.
 */
package inkling.spark.tokenize;
