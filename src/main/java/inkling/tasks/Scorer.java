package inkling.tasks;

import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import inkling.engine.ComputeContext;
import inkling.model.Gpt;
import inkling.model.TargetScores;
import inkling.tasks.Question.Window;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;

/** Computes the log-probabilities that a model gives to endings. One forward pass scores several windows of similar length. */
final class Scorer {
    /** How many tokens one forward pass reads at most, including padding. A longer window has a pass of its own. */
    private static final int TOKENS_A_BATCH = 4096;

    private final NDManager manager;
    private final Gpt gpt;
    private final ComputeContext context;

    /** Borrows model and context: the caller closes them. Arrays are made in sub-managers of {@code manager}. */
    Scorer(NDManager manager, Gpt gpt, ComputeContext context) {
        this.manager = manager;
        this.gpt = gpt;
        this.context = context;
    }

    /**
     * The score of an ending.
     *
     * @param logProbability the log-probability of all its tokens, in nats
     * @param greedy whether each of its tokens is the one that the model finds likeliest at that place
     */
    record Score(double logProbability, boolean greedy) {
        private Score plus(Score other) {
            return new Score(logProbability + other.logProbability, greedy && other.greedy);
        }
    }

    /** A window, and the indexes of the question and the ending to which it belongs. */
    private record Place(int question, int ending, Window window) {}

    /** The scores of each question's endings. A second call with the same questions gives the same bits. */
    List<Score[]> score(List<Question> questions) {
        List<Score[]> scores = new ArrayList<>();
        List<Place> places = new ArrayList<>();
        for (int q = 0; q < questions.size(); q++) {
            List<List<Window>> endings = questions.get(q).endings();
            Score[] sums = new Score[endings.size()];
            Arrays.fill(sums, new Score(0, true));
            scores.add(sums);
            for (int e = 0; e < endings.size(); e++) {
                for (Window window : endings.get(e)) {
                    places.add(new Place(q, e, window));
                }
            }
        }
        places.sort(Comparator.comparingInt((Place place) -> place.window.ids().length).reversed());   // a stable sort
        for (int from = 0; from < places.size(); ) {
            int to = Math.min(places.size(), from + Math.max(1, TOKENS_A_BATCH / places.get(from).window.ids().length));
            score(places.subList(from, to), scores);
            from = to;
        }
        return scores;
    }

    private void score(List<Place> places, List<Score[]> scores) {
        int rows = places.size();
        int columns = places.get(0).window.ids().length - 1;
        long[] ids = new long[rows * columns];
        long[] targets = new long[rows * columns];
        Arrays.fill(targets, -1);
        for (int r = 0; r < rows; r++) {
            int[] window = places.get(r).window.ids();
            for (int t = 0; t < window.length - 1; t++) {
                ids[r * columns + t] = window[t];
                targets[r * columns + t] = t + 1 >= window.length - places.get(r).window.scored() ? window[t + 1] : -1;
            }
        }
        context.enter();
        try (NDManager scope = manager.newSubManager()) {
            Shape shape = new Shape(rows, columns);
            TargetScores found = TargetScores.of(gpt, scope.create(ids, shape), scope.create(targets, shape));
            for (int r = 0; r < rows; r++) {
                double sum = 0;
                boolean greedy = true;
                for (int i = r * columns; i < (r + 1) * columns; i++) {
                    sum += found.logProbabilities()[i];
                    greedy &= targets[i] < 0 || found.likeliest()[i] == 1;
                }
                Place place = places.get(r);
                Score[] sums = scores.get(place.question);
                sums[place.ending] = sums[place.ending].plus(new Score(sum, greedy));
            }
        }
    }
}
