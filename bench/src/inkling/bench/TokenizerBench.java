package inkling.bench;

import com.knuddels.jtokkit.Encodings;
import com.knuddels.jtokkit.api.Encoding;
import com.knuddels.jtokkit.api.EncodingType;
import inkling.tokenizer.bpe.BpeTokenizer;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/** GPT-2's byte-level BPE over The Old Curiosity Shop (1.2 MB, one call), by Inkling and by jtokkit. Both must give the same ids. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
@Fork(value = 3, jvmArgsAppend = "-Xmx2g")
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 5, time = 1)
public class TokenizerBench {
    private final BpeTokenizer ours = BpeTokenizer.gpt2();
    private final Encoding jtokkit = Encodings.newDefaultEncodingRegistry().getEncoding(EncodingType.R50K_BASE);
    private String text;

    @Setup
    public void read() throws IOException {
        try (InputStream in = TokenizerBench.class.getResourceAsStream("/dickens.txt")) {
            text = new String(in.readAllBytes(), StandardCharsets.UTF_8).replace("\uFEFF", "").replace("\r\n", "\n");
        }
        if (!Arrays.equals(ours(), jtokkit())) {
            throw new IllegalStateException("the ids differ");
        }
    }

    @Benchmark
    public int[] ours() {
        return ours.encodePlain(text);
    }

    @Benchmark
    public int[] jtokkit() {
        return jtokkit.encodeOrdinary(text).toArray();
    }
}
