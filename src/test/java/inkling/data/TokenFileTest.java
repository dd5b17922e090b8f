package inkling.data;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import inkling.errors.ConfigException;
import inkling.errors.ExitCode;
import inkling.errors.ModelFormatException;
import inkling.errors.StorageException;
import inkling.io.DurableFiles;
import inkling.io.Sha256;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileTime;
import java.util.Arrays;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TokenFileTest {
    private static final String KEY = Sha256.of("text and tokenizer");

    @TempDir
    Path directory;
    private Path file;

    @BeforeEach
    void nameFile() {
        file = directory.resolve("train.tokens");
    }

    private void write(int vocabSize, int[]... pieces) {
        TokenFile.write(DurableFiles.SYSTEM, file, KEY, vocabSize, sink -> Arrays.stream(pieces).forEach(sink::accept));
    }

    private static int[] all(Tokens tokens) {
        long[] ids = new long[(int) tokens.count()];
        tokens.read(0, ids, 0, ids.length);
        return Arrays.stream(ids).mapToInt(Math::toIntExact).toArray();
    }

    private String fault(int vocabSize) {
        ModelFormatException e = assertThrows(ModelFormatException.class, () -> TokenFile.open(file, KEY, vocabSize));
        assertEquals(ExitCode.BAD_MODEL, e.exitCode());
        assertTrue(e.getMessage().startsWith(file.toString()) && e.getMessage().contains("Delete it: it is built again"), e.getMessage());
        return e.getMessage();
    }

    @ParameterizedTest
    @ValueSource(ints = {1024, 65_536, 65_537, Integer.MAX_VALUE})
    void idsComeBackInEitherWidth(int vocabSize) throws IOException {
        write(vocabSize, new int[] {0, 1, vocabSize - 1}, new int[0], new int[] {255, 256});
        assertArrayEquals(new int[] {0, 1, vocabSize - 1, 255, 256}, all(TokenFile.open(file, KEY, vocabSize)));
        assertEquals(5 * (vocabSize <= 65_536 ? 2 : 4) + TokenFile.RECORD_BYTES, Files.size(file));
    }

    @Test
    void theFileBeginsAsPlainLittleEndianUint16() throws IOException {
        write(50_257, new int[] {50_256, 1});
        byte[] bytes = Files.readAllBytes(file);
        assertArrayEquals(new byte[] {0x50, (byte) 0xC4, 1, 0}, Arrays.copyOf(bytes, 4));
    }

    @ParameterizedTest
    @ValueSource(ints = {8, 16, 64})
    void readsAcrossSegmentBoundaries(int segmentBytes) {
        int[] ids = new int[101];
        Arrays.setAll(ids, i -> i * 600);
        for (int vocabSize : new int[] {65_536, 70_000}) {
            write(vocabSize, ids);
            TokenFile tokens = TokenFile.open(file, KEY, vocabSize, segmentBytes);
            assertArrayEquals(ids, all(tokens));
            for (int from = 0; from < 90; from++) {
                long[] window = new long[10];
                tokens.read(from, window, 0, 10);
                assertEquals(ids[from], window[0]);
                assertEquals(ids[from + 9], window[9]);
            }
        }
    }

    /** The sparse file takes hardly any disk space. It is mapped without the check of all ids, because that check would read 4 GB. */
    @Test
    void positionsBeyondAnIntAreMapped() throws IOException {
        long count = (1L << 31) + 1000;
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE,
                StandardOpenOption.SPARSE)) {
            ByteBuffer last = ByteBuffer.allocate(2 + TokenFile.RECORD_BYTES).order(ByteOrder.LITTLE_ENDIAN).putShort(0, (short) 513);
            channel.write(last, (count - 1) * 2);
        }
        Tokens tokens = TokenFile.mapped(file, count, Short.BYTES);
        assertEquals(count, tokens.count());
        assertEquals(513, tokens.at(count - 1));
        assertEquals(0, tokens.at((1L << 31) - 1));
        assertThrows(IndexOutOfBoundsException.class, () -> tokens.at(count));
        Batch batch = Batches.sequential(tokens, 1, 4).at(count / 4 - 1);
        assertEquals(513, batch.ids()[3]);
        assertEquals(513, batch.targets()[2]);
    }

    @Test
    void anIdBeyondTheVocabularyIsRefusedAtLoad() throws IOException {
        write(1000, new int[] {5, 999, 7});
        try (RandomAccessFile raw = new RandomAccessFile(file.toFile(), "rw")) {
            raw.seek(2);
            raw.write(new byte[] {(byte) 0xE8, 3});   // 1000
        }
        assertTrue(fault(1000).contains("holds id 1000 at position 1, but the vocabulary has 1000 tokens"));
    }

    @Test
    void everyFlippedBitAndEveryCutIsNoticed() throws IOException {
        write(60_000, new int[] {1, 2, 40_000});
        byte[] whole = Files.readAllBytes(file);
        for (int bit = 0; bit < whole.length * 8; bit++) {
            byte[] damaged = whole.clone();
            damaged[bit / 8] ^= (byte) (1 << bit % 8);
            Files.write(file, damaged);
            fault(60_000);
        }
        for (int length = 0; length < whole.length; length++) {
            Files.write(file, Arrays.copyOf(whole, length));
            fault(60_000);
        }
        Files.write(file, Arrays.copyOf(whole, whole.length + 2));
        fault(60_000);
    }

    @Test
    void anotherKeyOrVocabularyWidthIsNamed() {
        write(1000, new int[] {5});
        String message = assertThrows(ModelFormatException.class, () -> TokenFile.open(file, Sha256.of("changed"), 1000)).getMessage();
        assertTrue(message.contains("was made from another text or tokenizer (key " + KEY.substring(0, 8)), message);
        assertTrue(fault(70_000).contains("has 2 bytes an id, a vocabulary of 70000 needs 4"));
    }

    @Test
    void aMissingFileIsAStorageFault() {
        assertEquals(ExitCode.CANNOT_READ_OR_WRITE, assertThrows(StorageException.class, () -> TokenFile.open(file, KEY, 9)).exitCode());
    }

    @Test
    void aTokenizerThatGivesIdsOutsideItsVocabularyLeavesNoFile() {
        assertThrows(IllegalStateException.class, () -> write(10, new int[] {10}));
        assertThrows(IllegalStateException.class, () -> write(10, new int[] {-1}));
        assertFalse(Files.exists(file));
    }

    @Test
    void aChangeDuringUseIsDetected() throws IOException {
        write(10, new int[] {1, 2, 3});
        TokenFile tokens = TokenFile.open(file, KEY, 10);
        tokens.requireUnchanged();
        Files.setLastModifiedTime(file, FileTime.fromMillis(1_000_000));
        ConfigException e = assertThrows(ConfigException.class, tokens::requireUnchanged);
        assertTrue(e.getMessage().contains("changed while it was in use"), e.getMessage());
        Files.delete(file);
        assertEquals("cannot read %1$s: %1$s does not exist.".formatted(file),
            assertThrows(StorageException.class, tokens::requireUnchanged).getMessage());
    }

    /** When a mapped page is gone, the JVM throws InternalError, and not always at once. The user must get a message instead. */
    @Test
    void aFileThatShrinksUnderAReaderEndsInAMessage() throws Exception {
        write(10, new int[1 << 20]);
        TokenFile tokens = TokenFile.open(file, KEY, 10);
        CountDownLatch reading = new CountDownLatch(1);
        Thread shrinker = new Thread(() -> {
            try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
                reading.await();
                channel.truncate(0);
            } catch (IOException | InterruptedException e) {
                throw new IllegalStateException(e);
            }
        });
        shrinker.start();
        ConfigException e = assertThrows(ConfigException.class, () -> {
            while (true) {
                tokens.read((1 << 20) - 100, new long[100], 0, 100);
                reading.countDown();
            }
        });
        shrinker.join();
        assertTrue(e.getMessage().contains("became shorter while it was in use"), e.getMessage());
    }
}
