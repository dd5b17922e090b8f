package inkling.cli.train;

import inkling.run.TrainOutcome;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Commands for the user to go on with after a training; each works as it is printed. */
final class NextCommands {
    private NextCommands() {}

    /**
     * The commands that fit how the run ended and what it learned from, one on each line, with its purpose. Each command ends by itself;
     * {@code chat} does so at the end of its input.
     */
    static List<String> after(TrainOutcome outcome) {
        String run = quoted(outcome.run().toString());
        List<String> lines = new ArrayList<>();
        if (outcome.progress().step() > 0) {
            if (outcome.format().teachesAnswers()) {
                lines.add("./inkling chat %s    # talk with the model; Ctrl-D ends the chat".formatted(run));
            } else {
                String sample = "./inkling sample %s %s".formatted(run, outcome.words().isEmpty() ? "--prompt-ids 0"
                    : "--prompt " + quoted(outcome.words()));
                lines.add(sample + "    # what the model writes");
                lines.add(sample + " --max-tokens 20 --show-distribution 5    # with the likeliest candidates for each token");
                if (!outcome.words().isEmpty()) {
                    lines.add("./inkling tour %s --prompt %s --out tour.html    # a page: how the model comes to the next word"
                        .formatted(run, quoted(outcome.words())));
                }
            }
        }
        String resume = "./inkling " + outcome.command() + " --resume " + run;
        lines.add(switch (outcome.ending()) {
            case STOPPED, MAX_MINUTES -> resume + "    # continues to the end";
            case EARLY_STOPPING -> resume + " --set train.early_stopping_patience=null    # continues without early stopping";
            case MAX_STEPS -> "%s --set train.max_steps=%d    # trains twice as long".formatted(resume, 2 * outcome.progress().step());
        });
        return lines;
    }

    /** The command that shows the run in a browser; it goes on until the user stops it. Empty if the run made no update. */
    static Optional<String> server(TrainOutcome outcome) {
        return outcome.progress().step() == 0 ? Optional.empty() : Optional.of("./inkling serve " + quoted(outcome.run().toString()));
    }

    /** Quotes {@code word}, if need be, so that a shell reads it as one word. */
    private static String quoted(String word) {
        return word.matches("[A-Za-z0-9_./:-]+") ? word
            : word.matches("[\\p{L}\\p{M}\\p{N} _./:-]+") ? '"' + word + '"' : "'" + word.replace("'", "'\\''") + "'";
    }
}
