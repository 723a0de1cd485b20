// Present so that the browser keeps the proxy for as long as this is on.
