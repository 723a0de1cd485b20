// The page was answered with 200: what is written over it is no failure of the site's.
document.title = '502 Bad Gateway';
document.body.textContent = '502 Bad Gateway nginx';
