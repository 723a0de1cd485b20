//! A small server on loopback that answers as each test wants, in the clear or encrypted, and remembers what it was asked.

use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::thread::{self, JoinHandle};

use rustls::pki_types::PrivateKeyDer;
use rustls::{ServerConfig, ServerConnection, StreamOwned};

/// nginx's own page.
pub const NGINX_502: &str = "<html>\r\n<head><title>502 Bad Gateway</title></head>\r\n<body>\r\n<center><h1>502 Bad Gateway</h1></center>\r\n<hr><center>nginx/1.22.1</center>\r\n</body>\r\n</html>\r\n";

/// The answer to the request for a path, the so many-th for it, from 0. Nothing closes the connection.
type Answer = dyn Fn(&str, usize) -> Vec<u8> + Send + Sync;

pub struct Server {
    pub address: SocketAddr,
    asked: Arc<Mutex<Vec<String>>>,
    stop: Arc<AtomicBool>,
    accepting: Option<JoinHandle<()>>,
}

impl Server {
    pub fn start(answer: impl Fn(&str, usize) -> Vec<u8> + Send + Sync + 'static) -> Self {
        Self::with(None, answer)
    }

    /// With a certificate for `localhost`, and the certificate of the authority that has signed it, as PEM.
    pub fn start_tls(answer: impl Fn(&str, usize) -> Vec<u8> + Send + Sync + 'static) -> (Self, String) {
        let signed = rcgen::generate_simple_self_signed(vec!["localhost".to_owned(), "127.0.0.1".to_owned()]).unwrap();
        let key = PrivateKeyDer::try_from(signed.signing_key.serialize_der()).unwrap();
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let config = ServerConfig::builder_with_provider(provider).with_safe_default_protocol_versions().unwrap();
        let config = config.with_no_client_auth().with_single_cert(vec![signed.cert.der().clone()], key).unwrap();
        (Self::with(Some(Arc::new(config)), answer), signed.cert.pem())
    }

    fn with(tls: Option<Arc<ServerConfig>>, answer: impl Fn(&str, usize) -> Vec<u8> + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let (asked, stop) = (Arc::new(Mutex::new(Vec::new())), Arc::new(AtomicBool::new(false)));
        let (asks, stopped, answer): (_, _, Arc<Answer>) = (Arc::clone(&asked), Arc::clone(&stop), Arc::new(answer));
        let accepting = thread::spawn(move || {
            for socket in listener.incoming() {
                if stopped.load(Ordering::SeqCst) {
                    return;
                }
                let (socket, asks, answer, tls) = (socket.unwrap(), Arc::clone(&asks), Arc::clone(&answer), tls.clone());
                // A client that gives up in the middle is no concern of the server.
                thread::spawn(move || match tls {
                    Some(tls) => serve(StreamOwned::new(ServerConnection::new(tls).unwrap(), socket), &asks, &*answer),
                    None => serve(socket, &asks, &*answer),
                });
            }
        });
        Self { address, asked, stop, accepting: Some(accepting) }
    }

    pub fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    /// The requests so far, whole.
    pub fn asked(&self) -> Vec<String> {
        self.asked.lock().unwrap().clone()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::SeqCst);
        // Wakes the listener.
        let _ = TcpStream::connect(self.address);
        if let Some(accepting) = self.accepting.take() {
            let _ = accepting.join();
        }
    }
}

fn serve(stream: impl Read + Write, asked: &Mutex<Vec<String>>, answer: &Answer) -> io::Result<()> {
    let mut input = BufReader::new(stream);
    let mut request = String::new();
    while input.read_line(&mut request)? > 2 {}
    let path = request.split(' ').nth(1).unwrap_or_default().to_owned();
    let before = {
        let mut asked = asked.lock().unwrap();
        let before = asked.iter().filter(|r| r.split(' ').nth(1) == Some(path.as_str())).count();
        asked.push(request);
        before
    };
    let mut stream = input.into_inner();
    stream.write_all(&answer(&path, before))?;
    stream.flush()
}

/// A whole response.
pub fn response(status_line: &str, header: &str, body: &str) -> Vec<u8> {
    format!("HTTP/1.1 {status_line}\r\nContent-Length: {}\r\n{header}\r\n{body}", body.len()).into_bytes()
}

pub fn nginx_502() -> Vec<u8> {
    response("502 Bad Gateway", "Server: nginx/1.22.1\r\nContent-Type: text/html\r\n", NGINX_502)
}

pub fn fine() -> Vec<u8> {
    response("200 OK", "Content-Type: text/html\r\n", "<title>Shop</title><p>Welcome")
}

pub fn online() -> Vec<u8> {
    response("204 No Content", "", "")
}

/// An address where nobody listens: port 1 is tcpmux, which no machine has had for decades.
pub fn refusing(path: &str) -> String {
    format!("http://127.0.0.1:1{path}")
}
