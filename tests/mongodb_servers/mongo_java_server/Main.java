import de.bwaldvogel.mongo.MongoServer;
import de.bwaldvogel.mongo.MongoVersion;
import de.bwaldvogel.mongo.backend.memory.MemoryBackend;
import java.util.List;

/** Serves an empty server in memory on a free port, and prints its URI once clients may connect. */
public final class Main {
    public static void main(String[] arguments) {
        MemoryBackend backend = new MemoryBackend();
        backend.version(new Announced());
        MongoServer server = new MongoServer(backend);
        server.enableOplog(); // without it there are no change streams
        server.bind("127.0.0.1", 0);
        System.out.println(server.getConnectionString());
    }

    /** The server's own 5.0 announces the wire version of 4.2, which PyMongo refuses. */
    private static final class Announced implements MongoVersion {
        @Override
        public List<Integer> getVersionArray() {
            return List.of(5, 0, 0);
        }

        @Override
        public int getWireVersion() {
            return 13;
        }
    }
}
