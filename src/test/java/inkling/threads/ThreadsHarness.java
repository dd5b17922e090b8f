package inkling.threads;

import ai.djl.Device;
import ai.djl.ndarray.NDManager;
import inkling.engine.Devices;
import inkling.model.Gpt;
import inkling.model.config.Positions;
import inkling.threads.Generating.Text;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/**
 * {@code bench/threads/run [--rounds N] [--threads N]}: threads generate from one model at the same time, again and again, and each must
 * get what it gets alone. Half of the rounds use a model with learned positions, half one with rotary positions. Exits with 1 after the
 * first round in which a thread gets something else.
 */
public final class ThreadsHarness {
    private ThreadsHarness() {}

    public static void main(String[] arguments) throws Exception {
        int rounds = number(arguments, "--rounds", 100);
        int threads = number(arguments, "--threads", 8);
        System.exit(agree(rounds, threads) ? 0 : 1);
    }

    /** Whether all got what they get alone; prints the texts of the first round in which one did not. */
    static boolean agree(int rounds, int threads) throws Exception {
        long started = System.nanoTime();
        for (Positions positions : List.of(Positions.LEARNED, Positions.ROPE)) {
            try (NDManager manager = Devices.manager(Device.cpu()); Gpt gpt = Gpt.initialise(Generating.config(positions), manager, 1)) {
                List<Text> alone = IntStream.range(0, threads).mapToObj(seed -> Generating.text(gpt, manager, seed)).toList();
                int share = positions == Positions.LEARNED ? rounds - rounds / 2 : rounds / 2;
                for (int round = 1; round <= share; round++) {
                    List<Text> together = Generating.together(gpt, manager, threads);
                    if (!together.equals(alone)) {
                        System.out.printf("%s, round %d:%n alone %s%n together %s%n", positions, round, alone, together);
                        return false;
                    }
                }
            }
        }
        System.out.printf("%d rounds of %d threads with %d tokens each: ids and logits as alone, bit for bit; %d s%n", rounds, threads,
            Generating.TOKENS, (System.nanoTime() - started) / 1_000_000_000);
        return true;
    }

    private static int number(String[] options, String name, int otherwise) {
        int at = Arrays.asList(options).indexOf(name);
        return at < 0 ? otherwise : Integer.parseInt(options[at + 1]);
    }
}
