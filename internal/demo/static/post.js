// Sends the form of the page on its way; without this script the button does.
document.getElementById("envoi").submit();
