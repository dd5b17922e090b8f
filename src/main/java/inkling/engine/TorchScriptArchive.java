package inkling.engine;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.zip.CRC32;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;

/**
 * Packs TorchScript source as the archive that libtorch loads, a zip of uncompressed entries. The entries are a version, the code, an empty
 * table of constants, and a pickled module {@code __torch__.Kernels} whose only attribute is {@code training = True}.
 * Format: PyTorch's torch/csrc/jit/docs/serialization.md.
 */
final class TorchScriptArchive {
    private static final byte[] EMPTY_TUPLE = {(byte) 0x80, 2, 0x29, 0x2e};
    private static final String MODULE =
        "\u0080\u0002c__torch__\nKernels\nq\u0000)\u0081}(X\u0008\u0000\u0000\u0000training\u0088ub.";

    private TorchScriptArchive() {}

    static String resource(String name) {
        try (InputStream code = TorchScriptArchive.class.getResourceAsStream(name)) {
            return new String(code.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static byte[] of(String code) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (ZipOutputStream zip = new ZipOutputStream(bytes)) {
            store(zip, "k/version", "10\n".getBytes(StandardCharsets.US_ASCII));
            store(zip, "k/constants.pkl", EMPTY_TUPLE);
            store(zip, "k/data.pkl", MODULE.getBytes(StandardCharsets.ISO_8859_1));
            store(zip, "k/code/__torch__.py", code.getBytes(StandardCharsets.UTF_8));
        }
        return bytes.toByteArray();
    }

    private static void store(ZipOutputStream zip, String name, byte[] content) throws IOException {
        CRC32 crc = new CRC32();
        crc.update(content);
        ZipEntry entry = new ZipEntry(name);
        entry.setMethod(ZipEntry.STORED);
        entry.setSize(content.length);
        entry.setCrc(crc.getValue());
        zip.putNextEntry(entry);
        zip.write(content);
        zip.closeEntry();
    }
}
