/**
 * The run file, in YAML: the record {@link inkling.runfile.RunConfig} (start here) has its keys, and describes one training run. The
 * reference page of the run file and the option {@code --set} are derived from this record.
 * This package must not know how the parts of a run are connected.
 */
package inkling.runfile;
