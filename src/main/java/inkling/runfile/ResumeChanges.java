package inkling.runfile;

import inkling.config.Node;
import inkling.config.Node.Entry;
import inkling.config.Node.Mapping;
import inkling.config.YamlWriter;
import inkling.errors.ConfigException;
import inkling.errors.ConfigException.Problem;
import inkling.errors.Printable;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * What {@code train --resume RUN --set …} changes. A resume may change how long a run trains and how long its learning rate falls. It may
 * also change how the run is measured, sampled and saved, and where it computes. Any other change would make it another run.
 *
 * @param config the run with the changes
 * @param changes the values that differ from before, in the order of the options; {@code train.max_minutes} comes last if no option sets it
 */
public record ResumeChanges(RunConfig config, List<Change> changes) {
    /** One key's value before and after, as the run file writes it. */
    public record Change(String key, String before, String after) {}

    private static final List<String> ALLOWED = List.of("train.max_steps", "train.max_minutes", "train.log_interval", "train.eval_interval",
        "train.checkpoint_interval", "train.keep_checkpoints", "train.milestones", "train.eval_batches", "train.sample",
        "train.early_stopping_patience", "schedule.decay_steps", "device", "threads");

    /** The key of a run's time limit, which counts only for the command that gave it. */
    public static final String MINUTES = "train.max_minutes";

    public ResumeChanges {
        changes = List.copyOf(changes);
    }

    /**
     * Applies {@code overrides} to the run file of a run.
     *
     * @param run the run's directory, for the commands that messages suggest
     * @param command the command that trains the run: {@code train} or {@code cluster train}
     * @param overrides {@code --set} arguments
     * @throws ConfigException if a key may not change, or a value is not allowed. For each key that may not change, the message
     *     names the keys that may, and another way to get what was asked for
     */
    public static ResumeChanges apply(RunConfig before, String run, String command, List<String> overrides) {
        List<SetOption> options = SetOption.parse(overrides);
        List<Problem> refused = options.stream().filter(o -> !mayChange(o.key()))
            .map(o -> new Problem(o.key(), ("%s: %s cannot change when a run is resumed. These can: %s."
                + " %s").formatted(o.value().place().text(), o.key(), String.join(", ", ALLOWED), wayOut(before, run, command, o))))
            .toList();
        if (!refused.isEmpty()) {
            throw new ConfigException(refused);
        }
        Mapping tree = before.tree();
        List<String> asked = new ArrayList<>(overrides);
        asked.add(0, MINUTES + "=null");
        RunConfig after = ConfigFile.build(SetOption.apply(tree, asked));
        Set<String> keys = new LinkedHashSet<>(options.stream().map(SetOption::key).toList());
        keys.add(MINUTES);
        List<Change> changes = new ArrayList<>();
        for (String key : keys) {
            String old = shown(tree, key);
            String now = shown(after.tree(), key);
            if (!old.equals(now)) {
                changes.add(new Change(key, old, now));
            }
        }
        return new ResumeChanges(after, changes);
    }

    /** Whether {@code key} has another value than before. */
    public boolean changed(String key) {
        return changes.stream().anyMatch(change -> change.key().equals(key));
    }

    /**
     * Says how another run gets what {@code option} asks for. Architecture and tokenizer belong to the weights: to change them, a run must
     * begin anew. Every other key but {@code name} can differ in a run that begins from the weights of this one.
     */
    private static String wayOut(RunConfig before, String run, String command, SetOption option) {
        String key = option.key();
        boolean architecture = key.equals("model") || key.startsWith("model.") && !key.equals("model.dropout");
        if (key.equals("name") || key.startsWith("data.tokenizer") || architecture) {
            return "Begin another run with --run NAME.";
        }
        String from = before.finetune().lora().isPresent() ? "MERGED" : run;
        String merge = from.equals(run) ? "" : "`merge %s --to MERGED`, then ".formatted(run);
        String setting = "%s=%s".formatted(key, YamlWriter.flow(option.value()));
        String dropout = key.equals("model.dropout") ? YamlWriter.flow(option.value())
            : Double.toString(before.model().options().dropout());
        // the tokenizer comes last: a later setting counts, and the one of all of data may name a tokenizer
        return ("A new run may begin from this one's weights: %s`%s %s/config.yaml --run NAME --set 'model={init_from: %s, "
            + "dropout: %s}'%s%s`.")
            .formatted(merge, command, run, from, dropout, key.equals("model.dropout") ? "" : " --set " + Printable.shellWord(setting),
                before.data().tokenizer().isPresent() ? " --set data.tokenizer=null" : "");
    }

    /** Whether a resume may change this key. */
    public static boolean mayChange(String key) {
        return ALLOWED.stream().anyMatch(a -> key.equals(a) || key.startsWith(a + "."));
    }

    private static String shown(Mapping tree, String key) {
        Node node = tree;
        for (String part : key.split("\\.")) {
            Entry entry = node instanceof Mapping mapping ? mapping.entries().get(part) : null;
            if (entry == null) {
                return "null";
            }
            node = entry.value();
        }
        return YamlWriter.flow(node);
    }
}
