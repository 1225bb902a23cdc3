import de.bwaldvogel.mongo.MongoServer;
import de.bwaldvogel.mongo.MongoVersion;
import de.bwaldvogel.mongo.backend.memory.MemoryBackend;
import de.bwaldvogel.mongo.bson.BsonTimestamp;
import de.bwaldvogel.mongo.bson.Document;
import io.netty.channel.Channel;
import java.time.Instant;
import java.util.List;

/** Serves an empty server in memory on a free port, and prints its URI once clients may connect. */
public final class Main {
    public static void main(String[] arguments) {
        Backend backend = new Backend();
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

    /** Adds to the server's answers what PyMongo asks of any server since 4.4, and nothing else. */
    private static final class Backend extends MemoryBackend {
        @Override
        public Document handleCommand(Channel channel, String database, String name, Document command) {
            boolean hello = name.equals("hello");
            Document reply = super.handleCommand(channel, database, hello ? "isMaster" : name, command);
            if (hello) {
                reply.put("isWritablePrimary", reply.remove("ismaster"));
            }
            if (hello || name.equalsIgnoreCase("isMaster")) {
                reply.put("logicalSessionTimeoutMinutes", 30); // sessions are accepted
            }
            if (name.equals("aggregate")) {
                reply.put("operationTime", new BsonTimestamp(Instant.now(), 0)); // where a change stream starts
            }
            return reply;
        }
    }
}
